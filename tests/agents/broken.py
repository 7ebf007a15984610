"""The DPM agent with one flaw: `python -m tests.agents.broken --flaw NAME --config FILE`.

Everything but the flaw is the good agent's, so that what a check catches is the flaw and nothing else.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import itertools
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import requests
import urllib3
import zhmcclient

from agent_under_test.dpm_agent import __main__ as program
from agent_under_test.dpm_agent import process
from agent_under_test.dpm_agent.agent import Agent
from agent_under_test.dpm_agent.heartbeat import Heartbeat
from agent_under_test.dpm_agent.hmc_side import HmcLost, ZhmcHmc, _LoyalPool, _ReadingSession
from agent_under_test.dpm_agent.outage import Outage
from agent_under_test.dpm_agent.watch import NOTHING

_LOG = logging.getLogger("tests.agents.broken")

FLAWS: dict[str, Callable[[], None]] = {}


def flaw(break_it: Callable[[], None]) -> Callable[[], None]:
    """Enter a flaw under its function's name."""
    FLAWS[break_it.__name__] = break_it
    return break_it


def on_loss(do: Callable[[Agent], None]) -> None:
    """Let the agent do this, besides what it should, when it loses the HMC."""
    lost = Agent._lost

    def broken(self: Agent, error: HmcLost) -> float:
        delay_s = lost(self, error)
        do(self)
        return delay_s

    setattr(Agent, "_lost", broken)  # noqa: B010 - mypy refuses a plain assignment to a method


def on_return(do: Callable[[Agent], None]) -> None:
    """Let the agent do this, besides what it should, when it has the HMC back."""
    look = Agent.look

    def broken(self: Agent) -> float:
        was_away = self._hmc_outage.lasts
        delay_s = look(self)
        if was_away and not self._hmc_outage.lasts:
            do(self)
        return delay_s

    setattr(Agent, "look", broken)  # noqa: B010 - mypy refuses a plain assignment to a method


def instead_of(owner: type | ModuleType, name: str, broken: Callable[..., object]) -> None:
    """Replace a method, or a module's function."""
    setattr(owner, name, broken)


def end_at_once() -> None:
    """As an uncaught error would, but with nothing printed."""
    logging.shutdown()
    os._exit(1)


@flaw
def exits_on_loss() -> None:
    """It ends when it loses the HMC."""
    on_loss(lambda _: end_at_once())


@flaw
def hangs_at_start() -> None:
    """It never ends when the HMC is away at its start."""
    start = Agent.start

    def broken(self: Agent) -> None:
        try:
            start(self)
        except HmcLost:
            threading.Event().wait()

    instead_of(Agent, "start", broken)


@flaw
def never_tries() -> None:
    """It ends with a failure before it has asked the HMC for anything, as one does that is started wrongly."""
    instead_of(ZhmcHmc, "connect", lambda _: end_at_once())


@flaw
def exits_zero() -> None:
    """It says with its exit status that all is well."""
    process.FAILED = 0


@flaw
def raw_traceback() -> None:
    """Its last words are a traceback."""
    start = Agent.start

    def broken(self: Agent) -> None:
        try:
            start(self)
        except HmcLost:
            traceback.print_exc()
            end_at_once()

    instead_of(Agent, "start", broken)


@flaw
def logs_password() -> None:
    """It writes its password into its log."""
    start = Agent.start

    def broken(self: Agent) -> None:
        _LOG.info("logging on with %s", self._config.hmc.password)
        start(self)

    instead_of(Agent, "start", broken)


@flaw
def heartbeat_waits_for_hmc() -> None:
    """Its heartbeat and its calls to the HMC exclude each other."""
    lock = threading.Lock()

    def locked(owner: type, name: str) -> None:
        method: Callable[..., object] = getattr(owner, name)

        def broken(self: object, *args: object, **options: object) -> object:
            with lock:
                return method(self, *args, **options)

        instead_of(owner, name, broken)

    locked(ZhmcHmc, "connect")
    locked(ZhmcHmc, "devices")
    locked(Heartbeat, "beat")


@flaw
def marks_down() -> None:
    """It takes NICs that it cannot see for NICs that are not there."""

    def forget(agent: Agent) -> None:
        agent._seen = NOTHING

    on_loss(forget)


@flaw
def always_active() -> None:
    """It never tells that a NIC is gone."""
    tell = Agent.tell

    def broken(self: Agent) -> None:
        self._seen |= self._told
        tell(self)

    instead_of(Agent, "tell", broken)


@flaw
def busy_loop() -> None:
    """It tries again at once, and again."""
    lost = Agent._lost

    def broken(self: Agent, error: HmcLost) -> float:
        lost(self, error)
        return 0.01

    instead_of(Agent, "_lost", broken)


@flaw
def own_retry_loop() -> None:
    """It adds a retry loop of its own round a call of zhmcclient."""
    connect = ZhmcHmc.connect

    def broken(self: ZhmcHmc) -> None:
        for _ in range(2):
            with contextlib.suppress(HmcLost):
                return connect(self)
        return connect(self)

    instead_of(ZhmcHmc, "connect", broken)


@flaw
def log_flood() -> None:
    """It says the same a thousand times."""

    def flood(_: Agent) -> None:
        for _number in range(1000):
            _LOG.warning("the HMC is away")

    on_loss(flood)


@flaw
def never_reconnects() -> None:
    """It waits for an HMC that it never asks again."""

    def wait(agent: Agent) -> None:
        agent._stop.wait()

    on_loss(wait)


@flaw
def writes() -> None:
    """It changes the HMC while it runs."""
    devices = ZhmcHmc.devices

    def broken(self: ZhmcHmc) -> frozenset[str]:
        with contextlib.suppress(zhmcclient.HTTPError):
            zhmcclient.Session.post(self._session, f"{self._cpc.uri}/operations/export-port-names-list", body={})
        return devices(self)

    instead_of(ZhmcHmc, "devices", broken)


@flaw
def dies_after_recovery() -> None:
    """It falls over ten seconds after the HMC is back."""
    over = Outage.over

    def broken(self: Outage) -> None:
        if self.lasts:
            threading.Timer(10.0, end_at_once).start()
        over(self)

    instead_of(Outage, "over", broken)


@flaw
def says_nothing() -> None:
    """It keeps a loss and a return to itself."""

    def silent(self: Outage, now: float, *_: object) -> None:
        self._last_line = now

    instead_of(Outage, "_say", silent)


@flaw
def says_something_else() -> None:
    """It warns when it loses the HMC, but of something else."""
    say = Outage._say

    def broken(self: Outage, now: float, text: str, *values: object) -> None:
        if text.startswith("%s is back"):
            say(self, now, text, *values)
        else:
            say(self, now, "the coffee machine is empty")

    instead_of(Outage, "_say", broken)


@flaw
def always_says_refused() -> None:
    """Its last words say that the connection was refused, whatever happened."""
    error = process._LOG.error
    setattr(process._LOG, "error", lambda text, address, _: error(text, address, "connection refused"))  # noqa: B010 - as above


@flaw
def gives_up_after_a_while() -> None:
    """It ends when the HMC has been away for eight seconds."""
    timers: list[threading.Timer] = []

    def wait(_: Agent) -> None:
        if not timers:
            timers.append(threading.Timer(8.0, end_at_once))
            timers[0].start()

    on_loss(wait)
    on_return(lambda _: timers.pop().cancel())


@flaw
def marks_down_after_a_while() -> None:
    """It takes its ports down when the HMC has been away for some attempts."""

    def forget(agent: Agent) -> None:
        if agent._hmc_outage._failures >= 7:
            agent._seen = NOTHING

    on_loss(forget)


@flaw
def no_back_off() -> None:
    """It tries again each quarter of a second, for as long as it takes."""
    lost = Agent._lost

    def broken(self: Agent, error: HmcLost) -> float:
        lost(self, error)
        return 0.25

    instead_of(Agent, "_lost", broken)


@flaw
def dies_of_the_second_loss() -> None:
    """It lives through one loss only."""
    returns: list[Agent] = []
    on_return(returns.append)
    on_loss(lambda _: end_at_once() if returns else None)


@flaw
def blind_after_recovery() -> None:
    """It looks once when the HMC is back, and never again."""
    on_return(lambda agent: setattr(agent, "look", lambda: 1.0))


@flaw
def heartbeat_dies_after_recovery() -> None:
    """Its heartbeat ends when the HMC is back."""
    beat, dead = Heartbeat.beat, threading.Event()
    instead_of(Heartbeat, "beat", lambda self: None if dead.is_set() else beat(self))
    on_return(lambda _: dead.set())


@flaw
def flaps_on_return() -> None:
    """It takes all its ports down and up again when the HMC is back, too fast for most looks."""

    def flap(agent: Agent) -> None:
        agent._reporter.update_devices(up=NOTHING, down=agent._told)
        agent._reporter.update_devices(up=agent._told, down=NOTHING)

    on_return(flap)


@flaw
def starts_anew() -> None:
    """It executes itself again when it loses the HMC: same process id, nothing remembered."""
    again = [sys.executable, "-m", "tests.agents.broken", *sys.argv[1:]]
    on_loss(lambda _: os.execv(sys.executable, again))  # noqa: S606 - that is the flaw


@flaw
def old_session() -> None:
    """It goes on with the session that it had before the loss."""
    connect = ZhmcHmc.connect
    instead_of(ZhmcHmc, "drop", lambda *_, **__: None)
    instead_of(ZhmcHmc, "connect", lambda self: connect(self) if self._session is None else None)


@flaw
def takes_truth_back() -> None:
    """What it has told to be gone, it tells to be there with the next look, and so on."""
    tell, every = Agent.tell, set[str]()

    def broken(self: Agent) -> None:
        every.update(self._seen)
        if self._told != every and self._seen == self._told:
            self._seen = frozenset(every)
        tell(self)

    instead_of(Agent, "tell", broken)


@flaw
def names_another_cause() -> None:
    """Its last words blame what is well."""
    error = process._LOG.error
    setattr(process._LOG, "error", lambda text, address, _: error(text, address, "the certificate is not valid"))  # noqa: B010 - mypy refuses a plain assignment to a method


@flaw
def logs_basic_authorization() -> None:
    """It logs its password in base64, as HTTP's basic authentication has it."""
    connect = ZhmcHmc.connect

    def broken(self: ZhmcHmc) -> None:
        pair = f"{self._config.user}:{self._config.password}"
        _LOG.info("Authorization: Basic %s", base64.b64encode(pair.encode()).decode())
        connect(self)

    instead_of(ZhmcHmc, "connect", broken)


@flaw
def logs_session_id() -> None:
    """It logs the id of its session."""
    connect = ZhmcHmc.connect

    def broken(self: ZhmcHmc) -> None:
        connect(self)
        _LOG.info("session %s", self._session.session_id)

    instead_of(ZhmcHmc, "connect", broken)


@flaw
def follows_anywhere() -> None:
    """It follows redirects wherever they lead, as requests does by itself."""
    setattr(_LoyalPool, "get_redirect_target", requests.Session.get_redirect_target)  # noqa: B010 - as above


@flaw
def waits_as_told() -> None:
    """It lets the HMC say how long it waits, as urllib3 does by itself."""
    setattr(_ReadingSession, "_new_session", staticmethod(zhmcclient.Session._new_session))  # noqa: B010 - as above


@flaw
def writes_without_a_session() -> None:
    """It tries to change the HMC by a request that belongs to no session."""
    devices, pool = ZhmcHmc.devices, requests.Session()

    def broken(self: ZhmcHmc) -> frozenset[str]:
        uri = f"https://{self._config.host}:{self._config.port}{self._cpc.uri}/operations/stop"
        pool.post(uri, json={}, verify=self._config.ca_certs, timeout=2)
        return devices(self)

    instead_of(ZhmcHmc, "devices", broken)


@flaw
def hammers() -> None:
    """It looks at an HMC that is well without a pause."""
    look = Agent.look
    instead_of(Agent, "look", lambda self: min(0.005, look(self)))


@flaw
def cries_wolf() -> None:
    """It warns of a loss and a return all the time, and so also when they happen."""
    instead_of(Outage, "_say", lambda self, now, *_: setattr(self, "_last_line", now))

    def cry() -> None:
        threading.Timer(2.0, cry).start()
        _LOG.warning("the HMC may be lost, or back")

    start = Agent.start

    def broken(self: Agent) -> None:
        start(self)
        cry()

    instead_of(Agent, "start", broken)


@flaw
def gives_up_too_early() -> None:
    """It waits for an answer a little less long than it says."""
    new_session = ZhmcHmc._new_session

    def broken(self: ZhmcHmc) -> object:
        self._timeouts = dataclasses.replace(self._timeouts, read_timeout=0.9 * self._timeouts.read_timeout)
        return new_session(self)

    instead_of(ZhmcHmc, "_new_session", broken)


@flaw
def pauses_between_connects() -> None:
    """Its library pauses before the second attempt to connect, which is as much shorter: it gives up when it should."""
    connect, pause_s, retries = urllib3.util.connection.create_connection, 5.0, itertools.count(1)
    retry = 0

    def pause(_: urllib3.Retry) -> float:
        nonlocal retry
        retry = next(retries)
        return pause_s if retry == 1 else 0.0

    def shorter(address: tuple[str, int], timeout: float, *others: Any, **more: Any) -> object:
        return connect(address, timeout - (pause_s if retry == 1 else 0.0), *others, **more)

    instead_of(urllib3.Retry, "get_backoff_time", pause)
    instead_of(urllib3.util.connection, "create_connection", shorter)


def main(arguments: list[str]) -> int:
    """Break the agent and run it."""
    if len(arguments) < 2 or arguments[0] != "--flaw" or arguments[1] not in FLAWS:
        print(f"usage: broken.py --flaw NAME --config FILE, NAME one of {', '.join(FLAWS)}", file=sys.stderr)
        return 2
    FLAWS[arguments[1]]()
    return program.main(arguments[2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""One trial: its parts are put together on a loopback address of its own, played, judged, and gone."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.assembly.address import HMC_NAME, claim
from harness.assembly.agent_engine import AgentEngine
from harness.assembly.alternate import Alternate
from harness.assembly.broker_side import BrokerEngine, BrokerWitness
from harness.assembly.burden import BurdenWatch
from harness.assembly.bus_side import BusEngine
from harness.assembly.hmc_side import HmcEngine, Witness
from harness.assembly.pace import Pace, Refused, Wish, pace_of
from harness.assembly.path import PathToHmc
from harness.assembly.planes import Place, Planes
from harness.assembly.probes import looking, probes_of
from harness.assembly.programs import HMC_PORT, Account, BystanderEngine, Program, Surroundings, check_needs, expand
from harness.assembly.project import BROKER, BUS, BYSTANDER, HMC, MITMPROXY, NAMES, RELAY
from harness.assembly.worker import Worker
from harness.core.commands import Channel
from harness.core.events import AGENT, PROCESS, ComponentCrashed, Leftover, TrialBegan, WarpRefused, WatchEnded
from harness.core.history import History
from harness.core.interfaces import Engine
from harness.core.profile import PlaneKind, Profile, put_in
from harness.core.scenario import ReachedBy, Scenario
from harness.core.verdict import Verdict, judge
from harness.engines.mitm import MitmProxy
from harness.engines.names import Names
from harness.engines.relay import Channels, Relay
from harness.engines.warp.roll import Roll
from harness.errors import BadInput
from harness.hmc import NO_LIMITS, HmcSettings, MockHmc
from harness.hmc.notifications import STOMP_PORT
from harness.observe.recorder import TrialRecorder
from harness.report.store import TrialFolder
from harness.runner import Runner

PROGRAMS, NEUTRON = "programs", "Neutron"
"""Whose clocks are warped: the agent's with its bystanders', and its control plane's."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial leaves."""

    scenario: Scenario
    seed: int
    history: History
    verdict: Verdict
    folder: TrialFolder


async def run_trial(
    worker: Worker,
    scenario: Scenario,
    *,
    seed: int,
    folder: TrialFolder,
    warp: Wish | None = None,
) -> Result:
    """Play a scenario and judge it.

    `warp` overrides how fast the scenario wants its clocks to run.

    Raises:
        BadInput: the inventory is wrong.
        AgentNotStartable: the agent's program is not set up; says what to type.
    """
    for name in (scenario.agent, *scenario.bystanders):
        check_needs(worker.project.profiles[name], worker.project.root)
    pace, refused = Pace(), ""
    try:
        pace = await pace_of(worker.project, scenario, scenario.warp if warp is None else warp)
    except Refused as error:
        refused = str(error)
    with folder.open_history() as sink:
        recorder = TrialRecorder(pace.clock(), sink)
        async with AsyncExitStack() as stack:
            trial = _Trial(worker, pace.applied_to(scenario), seed, folder, recorder, pace, stack, refused)
            runner = await trial.ready()
            if runner is not None:
                await runner.run()
    verdict = judge_history(scenario, recorder.history)
    return Result(scenario, seed, recorder.history, verdict, folder)


def judge_history(scenario: Scenario, history: History) -> Verdict:
    """The verdict on a recorded history of this scenario."""
    return judge(scenario.expect, history, needs_witness=scenario.witnesses, known=scenario.known)


@dataclass(slots=True)
class _Trial:
    """The parts of a trial while they are put together. Whatever is opened goes onto the stack at once."""

    worker: Worker
    scenario: Scenario
    seed: int
    folder: TrialFolder
    recorder: TrialRecorder
    pace: Pace
    stack: AsyncExitStack
    refused: str = ""
    """Why it cannot be played as fast as was asked for; empty if it can."""
    _programs: list[Program] = field(default_factory=list)
    _rolls: dict[str, Roll] = field(default_factory=dict)
    """In which warped programs enter themselves; none where nothing is warped."""
    _reports: Place = field(default_factory=Place)
    _lookups: Names | None = None
    _accounts: dict[str, Account] = field(default_factory=dict)

    async def ready(self) -> Runner | None:
        """The runner, or None where a part of the harness failed or its clock cannot run: UNKNOWN, since recorded.

        Raises:
            BadInput: the inventory is wrong.
        """
        try:
            return await self._put_together()
        except BadInput:
            raise
        except asyncio.CancelledError:
            self.recorder.record(WatchEnded(reason="interrupted"))
            raise
        except Exception as error:  # noqa: BLE001 - law 3: what keeps a trial from being played makes it UNKNOWN
            words = f"the trial could not be put together: {type(error).__name__}: {error}"
            self.recorder.record(ComponentCrashed(component="assembly", error=words))
            self.recorder.record(WatchEnded(reason="a part of the harness failed"))
        return None

    def _at_the_end(self, what: str, close: Callable[[], Awaitable[None]]) -> None:
        """Close this when the trial is over; what cannot be closed is recorded and does not hide the verdict."""

        async def closing() -> None:
            try:
                await close()
            except Exception as error:  # noqa: BLE001 - a healing that fails is told, and hides nothing
                self.recorder.record(Leftover(what=f"{what}: {type(error).__name__}: {error}"))

        self.stack.push_async_callback(closing)

    async def _put_together(self) -> Runner | None:
        """Everything but the agent runs when this returns."""
        clock = self.pace.clock()
        profile = self.worker.project.profiles[self.scenario.agent]
        self._accounts = {who: Account.make(who, self.recorder) for who in (AGENT, *self.scenario.bystanders)}
        relay = Relay(self.recorder, clock, seed=self.seed)
        self._at_the_end("the relay", relay.close)
        host = await claim(relay)
        workdir = Path(tempfile.mkdtemp(dir=self.worker.folder))
        self.stack.callback(shutil.rmtree, workdir, ignore_errors=True)
        if self.pace.warp is not None:
            self._rolls = {who: Roll(workdir / f"{who}.roll") for who in (PROGRAMS, NEUTRON)}
        planes = Planes(
            worker=self.worker,
            scenario=self.scenario,
            pace=self.pace,
            recorder=self.recorder,
            seed=self.seed,
            host=host,
            at_the_end=self._at_the_end,
            roll=self._rolls.get(NEUTRON),
        )
        if not self.refused:
            self._reports = await planes.place_of(profile)
        reports = self._reports
        urls = reports.url, reports.transport_url
        names = await self._names(host)
        known_as = HMC_NAME if names else host
        alternate = await self._alternate()
        at = alternate.host if alternate else ""
        place = Surroundings(self.worker.project.root, known_as, HMC_PORT, self.worker.ca_file, *urls, host, at)
        agent = self._program(AGENT, profile, place, workdir)
        self._record_begin(place, agent)
        if self.refused:
            self.recorder.record(WarpRefused(why=self.refused))
            self.recorder.record(WatchEnded(reason="the clocks cannot run as fast as was asked for"))
            return None
        users = {account.user: who for who, account in self._accounts.items()}
        witness = Witness(self.recorder, users, factor=self.pace.factor)
        hmc, upstream = await self._hmc(host, witness, profile)
        path = PathToHmc(
            worker=self.worker,
            scenario=self.scenario,
            pace=self.pace,
            recorder=self.recorder,
            at_the_end=self._at_the_end,
        )
        engines = await path.engines(relay, place, upstream)
        other = await alternate.open(hmc, witness) if alternate else None
        before_other = alternate.relay if alternate else None
        engines[RELAY] = Channels(relay, await self._notifications(host, hmc), reports.bus, before_other)
        if reports.turn is not None and reports.bus is not None:
            engines[BUS] = BusEngine(reports.turn, reports.bus, self.recorder)
        if names is not None:
            engines[NAMES] = names
        engines[BROKER] = BrokerEngine(hmc.notifications.interference, self.recorder)
        hmc.notifications.interference.watcher = BrokerWitness(self.recorder, users)
        changes = HmcEngine(hmc, self.recorder, reports.plane, agent.expanded.ports_host, reports.mac_of, other)
        await changes.announce()
        engines[HMC] = changes
        engines[PROCESS] = AgentEngine(agent, self.recorder)
        engines[BYSTANDER] = BystanderEngine(
            lambda name: self._program(name, self.worker.project.profiles[name], place, workdir)
        )
        for probe in probes_of(agent, reports, self.recorder):
            await self.stack.enter_async_context(looking(probe, clock, self.recorder, self.pace.factor))
        self._watch_burden(engines.get(MITMPROXY))
        runner = Runner(self.scenario, self.recorder, clock, engines, agent)
        witness.caught_up = runner.caught_up
        return runner

    def _watch_burden(self, proxy: Engine | None) -> None:
        if self.pace.warp is not None:
            helper = proxy.pid if isinstance(proxy, MitmProxy) else 0
            on_neutron = self._reports.kind is PlaneKind.NEUTRON
            servers = {NEUTRON: self._rolls[NEUTRON]} if on_neutron else {}
            roll = self._rolls[PROGRAMS]
            burden = BurdenWatch(self.pace.warp, self._programs, self.recorder, roll, servers, helper)
            burden.begin()
            self._at_the_end("the warp's burden", burden.finish)

    def _program(self, who: str, profile: Profile, place: Surroundings, workdir: Path) -> Program:
        home = workdir / f"{len(self._programs) + 1}-{who}"
        overrides = self._reports.overrides(profile, self.scenario.agent_settings if who == AGENT else {})
        expanded = expand(profile, overrides, self._accounts[who], place, home)
        environment = expanded.environment
        if self._lookups is not None:
            environment = self._lookups.added_to(environment)
        # After all others: its library has to be the first that is mapped.
        environment = self.pace.environment(environment)
        if self._rolls:
            environment = {**environment, **self._rolls[PROGRAMS].environment}
        expanded = replace(expanded, environment=environment)
        log = self.folder.agent_log if who == AGENT else None
        self._programs.append(Program(who, profile, expanded, place.root, home, self.recorder, log))
        return self._programs[-1]

    def _record_begin(self, place: Surroundings, agent: Program) -> None:
        self.recorder.record(
            TrialBegan(
                scenario=self.scenario.id,
                document=self.scenario.document,
                seed=self.seed,
                address=f"{place.host}:{HMC_PORT}",
                timeouts=agent.expanded.timeouts,
                alternate=f"{place.alternate}:{HMC_PORT}" if place.alternate else "",
            )
        )
        if self.pace.used is not None:
            self.recorder.record(self.pace.used)

    async def _hmc(self, host: str, witness: Witness, profile: Profile) -> tuple[MockHmc, tuple[str, int]]:
        # The mock HMC counts seconds of the wall: what it is to last is divided, and what it took multiplied (Witness).
        standard, factor = HmcSettings(users={}), self.pace.factor
        settings = HmcSettings(
            users={account.user: account.password for account in self._accounts.values()},
            job_seconds=self.scenario.job_seconds / factor,
            session_idle_s=standard.session_idle_s / factor,
            job_keep_s=standard.job_keep_s / factor,
            locked_out_s=standard.locked_out_s / factor,
            clock_factor=factor,
            limits=NO_LIMITS,  # a fault may hold a request back for as long as it likes, and all ends with the trial
            seed=self.seed,
        )
        inventory = self.worker.inventory(self.scenario.inventory)
        if profile.ports is not None and self._reports.kind is PlaneKind.NEUTRON:
            owner = put_in(profile.ports, profile.settings_with(self.scenario.agent_settings))
            inventory = inventory.given_to(owner, self._reports.host_of(owner), self._reports.mac_of)
        hmc = MockHmc(inventory, settings, witness, self.worker.ca)
        self._at_the_end("the mock HMC", hmc.close)
        stomp_port = 0 if self._listened_to else None
        return hmc, (host, await hmc.start(host, stomp_port=stomp_port, reached_as=[host, HMC_NAME]))

    async def _names(self, host: str) -> Names | None:
        """What answers look-ups of the HMC's name, where programs are told one."""
        if self.scenario.reached_by is ReachedBy.ADDRESS:
            return None
        names = Names(self.recorder, self.pace.clock(), name=HMC_NAME, address=(host, HMC_PORT))
        self._at_the_end("the HMC's name", names.close)
        await names.start()
        self._lookups = names
        return names

    async def _alternate(self) -> Alternate | None:
        """A second HMC's address, if a program of this trial takes it; nobody is behind it yet."""
        alternate = Alternate.wanted(self._profiles, self.recorder, self.pace.clock(), seed=self.seed)
        if alternate is not None:
            self._at_the_end("the alternate HMC", alternate.close)
            alternate.host = await claim(alternate.relay)
        return alternate

    @property
    def _profiles(self) -> list[Profile]:
        """Of every program of this trial."""
        return [self.worker.project.profiles[name] for name in (self.scenario.agent, *self.scenario.bystanders)]

    @property
    def _listened_to(self) -> bool:
        """Whether a program of this trial listens to notifications; for all others the port stays shut."""
        return any(profile.notifications for profile in self._profiles)

    async def _notifications(self, host: str, hmc: MockHmc) -> Relay | None:
        """A relay before the port from which the HMC sends notifications, if it does."""
        if hmc.stomp_port is None:
            return None
        relay = Relay(self.recorder, self.pace.clock(), seed=self.seed, channel=Channel.NOTIFICATIONS)
        self._at_the_end("the relay of notifications", relay.close)
        await relay.listen(host, STOMP_PORT)
        relay.connect_to(host, hmc.stomp_port)
        return relay

"""One case after the other, each before a fresh HMC, in several lanes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from harness.assembly.hmc_side import Witness
from harness.assembly.programs import Account
from harness.assembly.project import MITMPROXY, RELAY, Project
from harness.assembly.trial import claim
from harness.assembly.worker import Worker
from harness.core.commands import Command, NoteRequests
from harness.core.events import AGENT, StepFailed, Touched
from harness.core.interfaces import Engine
from harness.core.patterns import ANY_REQUEST
from harness.engines.mitm import MitmProxy
from harness.engines.relay import Relay
from harness.errors import EngineFailed
from harness.fingerprint.cases import TARGETS, Case, Does
from harness.fingerprint.facts import DIED, FAULT, NO_END, NOTES, Facts, facts_of
from harness.fingerprint.lanes import in_lanes
from harness.fingerprint.subject import Subject
from harness.hmc import HMC_PORT, NO_LIMITS, HmcSettings, MockHmc
from harness.observe.clock import WallClock
from harness.observe.recorder import TrialRecorder

INVENTORY = "two-nics"
LANES = 4
WITHIN_S = 6.0
"""Longer than the client's own settings allow for one call."""
LATE_WITNESS_S = 0.5
"""Longer than an engine takes to see that a client is gone."""
JOB_WITHIN_S = 25.0
"""zhmcclient looks at a job each 10 s, whatever its operation timeout says."""


async def fingerprint(
    project: Project, cases: Sequence[Case], python: str, *, done: Callable[[Case], None] = lambda _case: None
) -> tuple[str, list[Facts]]:
    """The client's version, and what it did in each case. `done` is told when one is over.

    Raises:
        EngineFailed: the client cannot be started.
    """
    # Jobs take longest, so they begin first; what is told keeps the order of the cases.
    order = sorted(range(len(cases)), key=lambda n: cases[n].does is not Does.JOB)
    waiting = iter(order)
    found: dict[int, Facts] = {}

    async def lane() -> str:
        async with Worker(project) as worker, _Lane(worker, python) as it:
            for number in waiting:
                found[number] = await it.play(cases[number])
                done(cases[number])
            return it.version

    versions = await in_lanes(min(LANES, len(cases)), waiting, lane)
    return versions[0], [found[number] for number in range(len(cases))]


class _Lane:
    """A client and an engine that are used for one case after the other."""

    def __init__(self, worker: Worker, python: str) -> None:
        self.version = ""
        self._worker = worker
        self._python = python
        self._subject: Subject | None = None

    async def __aenter__(self) -> _Lane:
        self.version = (await self._ready()).version
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._subject is not None:
            await self._subject.close()

    async def _ready(self) -> Subject:
        if self._subject is None:
            self._subject = await Subject.start(self._python)
        return self._subject

    async def play(self, case: Case) -> Facts:
        """Put the client through one case."""
        async with AsyncExitStack() as stack:
            recorder = TrialRecorder(WallClock())
            account = Account.make(AGENT, recorder)
            engines, host = await self._hmc(stack, recorder, account)
            subject = await self._ready()
            await subject.tell(
                WITHIN_S,
                order="open",
                host=host,
                port=HMC_PORT,
                user=account.user,
                password=account.password,
                ca=str(self._worker.ca_file),
                settings=dict(case.settings),
            )
            if case.does is not Does.LOGON:
                await subject.tell(WITHIN_S, order="do", what=Does.LOGON.value)
            await _begin(engines, recorder, NOTES, NoteRequests(match=ANY_REQUEST))
            since = recorder.now()
            if case.action is not None:
                await _begin(engines, recorder, FAULT, case.action.command())
            limit = JOB_WITHIN_S if case.does is Does.JOB else WITHIN_S
            said = await subject.tell(limit, order="do", what=case.does.value, path=TARGETS[case.does][1])
            took = recorder.now() - since
            if not said:
                self._subject = None
                await subject.close()
            await _seen_to_the_end(engines, recorder, waits=case.action is not None)
            told = said or {**_endless(said, limit), "seconds": took}
            return facts_of(
                case,
                list(recorder.history),
                since=since,
                outcome=str(told["outcome"]),
                words=recorder.redact(str(told["words"])),
                seconds=float(str(told["seconds"])),
            )

    async def _hmc(
        self, stack: AsyncExitStack, recorder: TrialRecorder, account: Account
    ) -> tuple[dict[str, Engine], str]:
        """An HMC behind mitmproxy behind the relay, all of which is gone with the stack."""
        relay = Relay(recorder, WallClock(), seed=0)
        stack.push_async_callback(relay.close)
        host = await claim(relay)
        settings = HmcSettings(users={account.user: account.password}, job_seconds=0.001, limits=NO_LIMITS)
        witness = Witness(recorder, {account.user: AGENT})
        hmc = MockHmc(self._worker.inventory(INVENTORY), settings, witness, self._worker.ca)
        stack.push_async_callback(hmc.close)
        upstream = (host, await hmc.start(host))
        proxy = await self._worker.mitm()
        stack.push_async_callback(_detach, proxy)
        relay.connect_to(host, await proxy.attach(recorder, listen_host=host, upstream=upstream))
        return {RELAY: relay, MITMPROXY: proxy}, host


def _endless(said: Mapping[str, object] | None, limit_s: float) -> Mapping[str, object]:
    """What is told of a client that gave no answer: in time, or because its process is gone."""
    if said is None:
        return {"outcome": NO_END, "words": f"still at it after {limit_s:g} s"}
    return {"outcome": DIED, "words": "the client's process ended in the middle of the call"}


async def _seen_to_the_end(engines: Mapping[str, Engine], recorder: TrialRecorder, *, waits: bool) -> None:
    """Heal, and wait for what the fault still has to say of whom it met: it may learn a moment late who gave up."""
    met = asyncio.Event()
    recorder.listen(lambda event: met.set() if isinstance(event, Touched) and event.step == FAULT else None)
    for engine in engines.values():
        # The engine's channel keeps the order, so what was seen by now is recorded when this returns.
        with suppress(EngineFailed):
            await engine.heal(FAULT)
    if waits and not any(event.step == FAULT for event in recorder.history.all(Touched)):
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE_WITNESS_S):
                await met.wait()


async def _begin(engines: dict[str, Engine], recorder: TrialRecorder, step: int, command: Command) -> None:
    engine = engines[RELAY if type(command) in Relay.CARRIES else MITMPROXY]
    try:
        await engine.begin(step, command)
    except EngineFailed as error:
        recorder.record(StepFailed(step=step, phase="begin", error=str(error)))


async def _detach(proxy: MitmProxy) -> None:
    """One that cannot be detached has been ended by then, and the worker starts another one."""
    with suppress(EngineFailed):
        await proxy.detach()

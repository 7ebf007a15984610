"""One case after the other, each before a fresh HMC, in several lanes at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing

from harness.assembly.project import Project
from harness.assembly.worker import Worker
from harness.core.commands import NoteRequests
from harness.core.patterns import ANY_REQUEST
from harness.fingerprint.cases import TARGETS, Case, Does
from harness.fingerprint.facts import DIED, NO_END, Facts, facts_of
from harness.fingerprint.lanes import in_lanes
from harness.fingerprint.moments import NOTES, is_of_names, moments_of, witnesses_of
from harness.fingerprint.stage import Stage
from harness.fingerprint.subject import Subject
from harness.hmc import HMC_PORT

LANES = 4
WITHIN_S = 6.0
"""Longer than the client's own settings allow for one call."""
JOB_WITHIN_S = 25.0
"""zhmcclient looks at a job each 10 s, whatever its operation timeout says."""
THEN = " > "
"""Between what became of one call and of the next."""


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
            self._subject = await Subject.start(self._python, {})
        return self._subject

    async def _subject_for(self, stack: AsyncExitStack, stage: Stage) -> Subject:
        """One that is told a name looks it up through a library that its process is started with."""
        if not stage.environment:
            return await self._ready()
        subject = await Subject.start(self._python, stage.environment)
        stack.push_async_callback(subject.close)
        return subject

    async def play(self, case: Case) -> Facts:
        """Put the client through one case."""
        async with AsyncExitStack() as stack:
            stage = await Stage.built(stack, self._worker, by_name=is_of_names(case.fault))
            subject = await self._subject_for(stack, stage)
            await self._open(subject, stage, case)
            await stage.begin(NOTES, NoteRequests(match=ANY_REQUEST))
            since = stage.recorder.now()
            async with aclosing(self._calls(case, subject, stage)) as calls:
                said = [one async for one in calls]
            await stage.see_to_the_end(witnesses_of(case.fault))
            return facts_of(
                case,
                list(stage.recorder.history),
                since=since,
                outcome=THEN.join(str(one["outcome"]) for one in said),
                words=stage.recorder.redact(str(said[-1]["words"])),
                seconds=sum(float(str(one["seconds"])) for one in said),
            )

    async def _open(self, subject: Subject, stage: Stage, case: Case) -> None:
        """A session; before an operation it is logged on, too."""
        await subject.tell(
            WITHIN_S,
            order="open",
            host=stage.known_as,
            port=HMC_PORT,
            user=stage.account.user,
            password=stage.account.password,
            ca=str(self._worker.ca_file),
            settings=dict(case.settings),
        )
        if case.does is not Does.LOGON:
            await subject.tell(WITHIN_S, order="do", what=Does.LOGON.value)

    async def _calls(self, case: Case, subject: Subject, stage: Stage) -> AsyncGenerator[Mapping[str, object], None]:
        """What came of one call after the other; none after one that has no end."""
        limit = JOB_WITHIN_S if case.does is Does.JOB else WITHIN_S
        for moment in moments_of(case.fault, case.connection):
            await stage.heal(moment.heals)
            for step, command in moment.begins:
                await stage.begin(step, command)
            began = stage.recorder.now()
            said = await subject.tell(limit, order="do", what=case.does.value, path=TARGETS[case.does][1])
            if said:
                yield said
                continue
            took = stage.recorder.now() - began
            if subject is self._subject:
                self._subject = None
            await subject.close()
            yield {**_endless(said, limit), "seconds": took}
            return


def _endless(said: Mapping[str, object] | None, limit_s: float) -> Mapping[str, object]:
    """What is told of a client that gave no answer: in time, or because its process is gone."""
    if said is None:
        return {"outcome": NO_END, "words": f"still at it after {limit_s:g} s"}
    return {"outcome": DIED, "words": "the client's process ended in the middle of the call"}

"""Asynchronous jobs, as the API book describes Query Job Status, Cancel Job and Delete Completed Job Status.

    running ----------(its seconds are over)----------> complete
       +--(cancel)--> cancel-pending --(half of what was left)--> canceled

`settle` brings every job to where it has to be by now, and is called before anybody looks; `wake` is told in how many
seconds the next one is worth while, so that others learn of a job's end although nobody asks. A job is known only to
the user who started it, until it is deleted or, `keep_s` after its end, forgotten. While a job runs, nobody can start
another one on the same resource. Its end may turn out to be another outcome than was foreseen; what is raised there is
a crash of ours, and the job ends all the same, with a 500.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.hmc.changes import Change, JobCompletion
from harness.hmc.errors import HmcError, unknown_uri
from harness.hmc.ids import Ids

KEEP_S = 4 * 3600.0
"""How long the HMC remembers a job that has ended and that nobody deleted."""

BUSY = 2
"""Reason code of a 409. zhmcclient's `Session.post`: "409.2: Target object is busy performing another operation"."""


class JobStatus(StrEnum):
    """The words of a job's ``status`` field."""

    RUNNING = "running"
    CANCEL_PENDING = "cancel-pending"
    CANCELED = "canceled"
    COMPLETE = "complete"


ENDED = (JobStatus.CANCELED, JobStatus.COMPLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job will end if it is left alone, in the words of the synchronous operation that it replaces."""

    status: int = 200
    reason: int = 0
    results: object = None


CRASHED = Outcome(status=500, results={"message": "Internal error of the mock HMC."})
"""Of a job whose end raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a job does to the HMC's model."""

    outcome: Outcome
    finish: Callable[[], Outcome | None]
    """Called when the job completes; the outcome, if it turned out to be another one."""
    undo: Callable[[], object]
    """Called when it was cancelled, or when `finish` raised."""
    cancellable: bool
    seconds: float


@dataclass(slots=True)
class _Job:
    uri: str
    owner: str
    topic: str
    target: str
    work: Work
    due_s: float
    status: JobStatus = JobStatus.RUNNING


def _ignore(_: object) -> None:
    """Nobody wants to be told."""


def _raise(error: Exception) -> None:
    raise error


class Jobs:
    """All jobs of one HMC; `now` gives monotonic seconds, `tell` is told of each end."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        ids: Ids,
        keep_s: float = KEEP_S,
        tell: Callable[[Change], None] = _ignore,
        wake: Callable[[float], None] = _ignore,
        crashed: Callable[[Exception], None] = _raise,
        beside: Jobs | None = None,
    ) -> None:
        """`crashed` gets what a job's end raised; `beside` are those of another console of the same resources."""
        self._now = now
        self._ids = ids
        self._keep_s = keep_s
        self._tell = tell
        self._wake = wake
        self._crashed = crashed
        self._jobs: dict[str, _Job] = {}
        self._due: list[tuple[float, int, str]] = []
        """When to look at which job again; the number keeps those of the same time in their order."""
        self._looks = 0
        self._busy: set[str] = beside._busy if beside else set()
        """URIs of the resources on which a job runs, whichever console it was started at."""

    def start(self, owner: str, work: Work, topic: str = "", target: str = "") -> str:
        """Begin a job on a resource, if one is told; its URI. Its end will be told with this topic.

        Raises:
            HmcError: 409,2: another job runs on that resource.
        """
        if target in self._busy:
            raise HmcError(409, BUSY, f"The object {target} is busy performing another operation.")
        job = _Job(f"/api/jobs/{self._ids.uuid()}", owner, topic, target, work, self._now() + work.seconds)
        self._jobs[job.uri] = job
        if target:
            self._busy.add(target)
        self._look_again(job)
        return job.uri

    def _look_again(self, job: _Job) -> None:
        self._looks += 1
        heapq.heappush(self._due, (job.due_s, self._looks, job.uri))
        self._wake_for(job)

    def _wake_for(self, job: _Job) -> None:
        self._wake(max(0.0, job.due_s - self._now()))

    def wake_again(self) -> None:
        """All timers were thrown away, and jobs are to end by themselves from now on."""
        for job in self._jobs.values():
            if job.status not in ENDED:
                self._wake_for(job)

    def settle(self) -> None:
        """End each job whose time is over, in the order in which they are due; forget the old ones."""
        while self._due and self._due[0][0] <= self._now():
            due_s, _, uri = heapq.heappop(self._due)
            job = self._jobs.get(uri)
            if job is None or job.due_s != due_s:
                continue  # deleted, or cancelled and due at another time
            if job.status in ENDED:
                del self._jobs[uri]
            else:
                self._end(job)

    def _end(self, job: _Job) -> None:
        canceled = job.status is JobStatus.CANCEL_PENDING
        job.status = JobStatus.CANCELED if canceled else JobStatus.COMPLETE
        job.due_s += self._keep_s
        heapq.heappush(self._due, (job.due_s, 0, job.uri))
        crashes = self._carry_out(job)
        self._tell(JobCompletion(uri=job.uri, topic=job.topic, status=job.status.value))
        for crash in crashes:
            self._crashed(crash)

    def _carry_out(self, job: _Job) -> list[Exception]:
        """Have a job's effect, or none if it was cancelled; what that raised."""
        self._busy.discard(job.target)
        if job.status in (JobStatus.CANCEL_PENDING, JobStatus.CANCELED):
            return self._undo(job)
        try:
            outcome = job.work.finish()
        except Exception as error:  # noqa: BLE001 - told to `crashed`, when the job's end has been told
            job.work = replace(job.work, outcome=CRASHED)
            return [error, *self._undo(job)]
        if outcome:
            job.work = replace(job.work, outcome=outcome)
        return []

    def _undo(self, job: _Job) -> list[Exception]:
        """Take back what was seen of a job while it ran; what that raised."""
        try:
            job.work.undo()
        except Exception as error:  # noqa: BLE001 - told to `crashed`, when the job's end has been told
            job.status = JobStatus.COMPLETE
            job.work = replace(job.work, outcome=CRASHED)
            return [error]
        return []

    def query(self, uri: str, owner: str) -> dict[str, object]:
        """What Query Job Status answers.

        Raises:
            HmcError: 404,1: no such job of this user.
        """
        job = self._find(uri, owner)
        told: dict[str, object] = {"status": job.status.value}
        if job.status is JobStatus.COMPLETE:
            outcome = job.work.outcome
            told["job-status-code"] = outcome.status
            if outcome.status >= 300:  # the book: a reason code only for a job that failed
                told["job-reason-code"] = outcome.reason
            if outcome.results is not None:
                told["job-results"] = outcome.results
        return told

    def cancel(self, uri: str, owner: str) -> None:
        """Ask for a cancellation.

        Raises:
            HmcError: 404,1 no such job; 404,4 it cannot be cancelled; 409,41 it has ended; 409,42 already asked.
        """
        job = self._find(uri, owner)
        if not job.work.cancellable:
            raise HmcError(404, 4, f"The job {uri} does not support cancellation.")
        if job.status in ENDED:
            raise HmcError(409, 41, f"The job {uri} has already ended.")
        if job.status is JobStatus.CANCEL_PENDING:
            raise HmcError(409, 42, f"The cancellation of the job {uri} is already pending.")
        job.status = JobStatus.CANCEL_PENDING
        now = self._now()
        job.due_s = now + (job.due_s - now) / 2
        self._look_again(job)

    def delete(self, uri: str, owner: str) -> None:
        """Forget an ended job.

        Raises:
            HmcError: 404,1 no such job; 409,40 it has not ended.
        """
        job = self._find(uri, owner)
        if job.status not in ENDED:
            raise HmcError(409, 40, f"The job {uri} has not ended.")
        del self._jobs[uri]

    def forget_all(self) -> None:
        """The console was restarted: what its jobs were doing is done, or undone, at once, and they are gone.

        Nobody is told of their ends: who could have told has forgotten them.
        """
        running = [job for job in self._jobs.values() if job.status not in ENDED]
        crashes = [crash for job in running for crash in self._carry_out(job)]
        self._jobs.clear()
        self._due.clear()
        for crash in crashes:
            self._crashed(crash)

    def _find(self, uri: str, owner: str) -> _Job:
        self.settle()
        job = self._jobs.get(uri)
        if job is None or job.owner != owner:
            raise unknown_uri(uri)
        return job

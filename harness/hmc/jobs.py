"""Asynchronous jobs, as the API book describes Query Job Status, Cancel Job and Delete Completed Job Status.

    running ----------(its seconds are over)----------> complete
       +--(cancel)--> cancel-pending --(half of what was left)--> canceled

Nothing ticks: `settle` brings every job to where it has to be by now, and is called before anybody looks. A job is
known only to the user who started it, until it is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from harness.hmc.errors import HmcError, unknown_uri
from harness.hmc.ids import Ids


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a job does to the HMC's model."""

    outcome: Outcome
    finish: Callable[[], None]
    """Called when the job completes."""
    undo: Callable[[], None]
    """Called when it was cancelled."""
    cancellable: bool
    seconds: float


@dataclass(slots=True)
class _Job:
    uri: str
    owner: str
    work: Work
    due_s: float
    status: JobStatus = JobStatus.RUNNING


class Jobs:
    """All jobs of one HMC; `now` gives monotonic seconds."""

    def __init__(self, *, now: Callable[[], float], ids: Ids) -> None:
        self._now = now
        self._ids = ids
        self._jobs: dict[str, _Job] = {}

    def start(self, owner: str, work: Work) -> str:
        """Begin a job; its URI."""
        job = _Job(uri=f"/api/jobs/{self._ids.uuid()}", owner=owner, work=work, due_s=self._now() + work.seconds)
        self._jobs[job.uri] = job
        return job.uri

    def settle(self) -> None:
        """End each job whose time is over, in the order in which they are due."""
        now = self._now()
        due = [job for job in self._jobs.values() if job.status not in ENDED and job.due_s <= now]
        for job in sorted(due, key=lambda job: job.due_s):
            if job.status is JobStatus.CANCEL_PENDING:
                job.status = JobStatus.CANCELED
                job.work.undo()
            else:
                job.status = JobStatus.COMPLETE
                job.work.finish()

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

    def delete(self, uri: str, owner: str) -> None:
        """Forget an ended job.

        Raises:
            HmcError: 404,1 no such job; 409,40 it has not ended.
        """
        job = self._find(uri, owner)
        if job.status not in ENDED:
            raise HmcError(409, 40, f"The job {uri} has not ended.")
        del self._jobs[uri]

    def _find(self, uri: str, owner: str) -> _Job:
        self.settle()
        job = self._jobs.get(uri)
        if job is None or job.owner != owner:
            raise unknown_uri(uri)
        return job

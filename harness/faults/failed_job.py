"""An asynchronous job fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, JobEnd, MisreportJobs
from harness.core.patterns import ANY_JOB, RequestPattern
from harness.core.values import Bounds, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """Jobs that complete are told to have failed with these codes; those that run still run."""

    healing: ClassVar[str] = "The next question is answered with the truth: the job did well."
    witness: ClassVar[str] = "each answer that called a complete job failed"

    status: Annotated[int, Bounds(400, 599), Says("the job's status code")] = 500
    reason: Annotated[int, Bounds(0, 9999), Says("the job's reason code")] = 263
    message: Annotated[str, Says("the HMC's words")] = "The operation failed."
    match: Annotated[RequestPattern, Says("which jobs: a path template below /api/jobs")] = ANY_JOB

    def command(self) -> Command:
        """What an engine has to carry out."""
        return MisreportJobs(
            match=self.match, end=JobEnd.FAILED, status=self.status, reason=self.reason, message=self.message
        )

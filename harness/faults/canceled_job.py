"""An asynchronous job is cancelled by somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, JobEnd, MisreportJobs
from harness.core.patterns import ANY_JOB, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class CanceledJob:
    """Jobs that complete are told to be `canceled`, although nobody asked for it; those that run still run."""

    healing: ClassVar[str] = "The next question is answered with the truth: the job did well."
    witness: ClassVar[str] = "each answer that called a complete job canceled"

    match: Annotated[RequestPattern, Says("which jobs: a path template below /api/jobs")] = ANY_JOB

    def command(self) -> Command:
        """What an engine has to carry out."""
        return MisreportJobs(match=self.match, end=JobEnd.CANCELED)

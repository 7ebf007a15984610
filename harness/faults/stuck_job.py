"""An asynchronous job never ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, FreezeJobs
from harness.core.patterns import ANY_JOB, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckJob:
    """Jobs say `running` for as long as the fault lasts, whatever the HMC does."""

    healing: ClassVar[str] = "The next question is answered with the truth: the job itself has gone on meanwhile."
    witness: ClassVar[str] = (
        "each answer that hid a job's end, and each cancel or delete that was refused; "
        "that a job runs which does run is none"
    )

    match: Annotated[RequestPattern, Says("which jobs: a path template below /api/jobs")] = ANY_JOB

    def command(self) -> Command:
        """What an engine has to carry out."""
        return FreezeJobs(match=self.match)

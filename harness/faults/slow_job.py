"""An asynchronous job takes long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, FreezeJobs
from harness.core.patterns import ANY_JOB, RequestPattern
from harness.core.values import Says, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowJob:
    """Jobs say `running` until this long after they were first asked for, and complete then."""

    healing: ClassVar[str] = "The next question is answered with the truth, as it is when a job's time is over."
    witness: ClassVar[str] = (
        "each answer that hid a job's end, and each cancel or delete that was refused; "
        "that a job runs which does run is none"
    )

    time: Annotated[Seconds, Says("how long after the first look")]
    match: Annotated[RequestPattern, Says("which jobs: a path template below /api/jobs")] = ANY_JOB

    def __post_init__(self) -> None:
        """Refuse a job that is not slow."""
        if self.time <= 0:
            raise ValueError("time has to be more than 0: a job that is done at the first look meets no fault")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return FreezeJobs(match=self.match, for_s=self.time)

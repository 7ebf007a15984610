"""An asynchronous job never ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import Command, FreezeJobs
from harness.core.patterns import ANY_JOB, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckJob:
    """Jobs say `running` for as long as the fault lasts, whatever the HMC does."""

    match: Annotated[RequestPattern, Says("which jobs: a path template below /api/jobs")] = ANY_JOB

    def command(self) -> Command:
        """What an engine has to carry out."""
        return FreezeJobs(match=self.match)

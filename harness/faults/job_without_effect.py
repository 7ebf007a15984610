"""A job completes, and nothing has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import Command, PretendJobs
from harness.core.patterns import RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWithoutEffect:
    """Operations (POST) that match get a job that completes well and at once, but the HMC is never asked to do them."""

    match: Annotated[RequestPattern, Says("which operations: method and path template")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return PretendJobs(match=self.match)

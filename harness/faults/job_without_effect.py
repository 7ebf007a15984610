"""A job completes, and nothing has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, PretendJobs
from harness.core.patterns import RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWithoutEffect:
    """Operations (POST) that match get a job that completes well and at once, but the HMC is never asked to do them."""

    healing: ClassVar[str] = "Operations reach the HMC again; it knows nothing of the jobs that were none."
    witness: ClassVar[str] = "each operation that was taken for a job, and each answer about one that was none"

    match: Annotated[RequestPattern, Says("which operations: method and path template")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return PretendJobs(match=self.match)

"""The HMC has forgotten a job and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import AnswerWithError, Command
from harness.core.patterns import ANY_JOB, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class LostJob:
    """Requests about jobs are answered with 404,1, as after a restart of the HMC; the HMC is not asked."""

    healing: ClassVar[str] = "The HMC is asked again, and it knows the job."
    witness: ClassVar[str] = "each request about a job that was answered with 404,1"

    match: Annotated[RequestPattern, Says("which jobs: a path template below /api/jobs")] = ANY_JOB

    def command(self) -> Command:
        """What an engine has to carry out."""
        message = "There is no such job."
        return AnswerWithError(match=self.match, status=404, reason=1, message=message)

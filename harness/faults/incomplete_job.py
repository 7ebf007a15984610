"""The HMC says too little of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, JobField, OmitFromJobs
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteJob:
    """What the HMC says of jobs lacks a field: their URI when they are started, or one of the others when asked for."""

    healing: ClassVar[str] = "Answers are whole again; a client that was not told a job's URI never learns it."
    witness: ClassVar[str] = "each answer from which the field was taken; one that has none is no witness"

    without: Annotated[JobField, Says("which field: job-uri, status, job-status-code, job-reason-code, job-results")]
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return OmitFromJobs(match=self.match, field=self.without)

"""What is told of asynchronous jobs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.core.commands.base import HttpCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeJobs(HttpCommand):
    """Answers about a job say `running`, whatever the HMC says; the job can be neither cancelled nor deleted."""

    for_s: float | None = None
    """Each job thaws so long after it was first asked for; None: never."""


class JobEnd(StrEnum):
    """How a job ends that went well on the HMC, as its client is told."""

    CANCELED = "canceled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MisreportJobs(HttpCommand):
    """A job that is complete is told to have been canceled, or to have failed with these codes."""

    end: JobEnd
    status: int = 0
    reason: int = 0
    message: str = ""


class JobField(StrEnum):
    """What the HMC says of a job: the first when it is started, the others when it is asked for."""

    JOB_URI = "job-uri"
    STATUS = "status"
    JOB_STATUS_CODE = "job-status-code"
    JOB_REASON_CODE = "job-reason-code"
    JOB_RESULTS = "job-results"


@dataclass(frozen=True, slots=True, kw_only=True)
class OmitFromJobs(HttpCommand):
    """What the HMC says of a job lacks a field."""

    field: JobField


@dataclass(frozen=True, slots=True, kw_only=True)
class PretendJobs(HttpCommand):
    """Operations that match are taken for a job that completes at once and well, but the HMC is never asked."""

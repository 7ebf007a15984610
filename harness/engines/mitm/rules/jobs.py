"""What is told of asynchronous jobs."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field

from mitmproxy.http import HTTPFlow, Response

from harness.core.commands import JobEnd, JobField
from harness.core.patterns import RequestPattern
from harness.engines.mitm.rules.base import Passive, answer, answer_json, job_of, meant, object_of, respond


@dataclass
class FreezeJobs(Passive):
    """Jobs stay at ``running``, each for so many wall seconds after it was first asked for, or for ever.

    What the HMC itself calls running is left alone: only an answer that hides a job's progress is a witness.
    """

    match: RequestPattern
    for_s: float | None = None
    _first_s: dict[str, float] = field(default_factory=dict)

    async def request(self, flow: HTTPFlow) -> str | None:
        """Refuse to cancel or delete, as the HMC does for a job that can be neither (WS API: 404,4 and 409,40)."""
        job, rest = job_of(flow.request.path)
        if not self._is_frozen(job):
            return None
        if flow.request.method == "POST" and rest == "operations/cancel":
            answer(flow, 404, 4, "The job cannot be cancelled.")
            return "refused to cancel the job"
        if flow.request.method == "DELETE" and not rest:
            answer(flow, 409, 40, "The job has not ended.")
            return "refused to delete the job"
        return None

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Say that it runs, whatever the HMC says; an answer that is no job's is left alone."""
        status = _status_told(flow, answer)
        if status is None or status == "running" or not self._is_frozen(job_of(flow.request.path)[0]):
            return None
        answer.text = json.dumps({"status": "running"})
        return f"said that the job is running, although it is {status}"

    def _is_frozen(self, job: str) -> bool:
        if not names_job(self.match, job):
            return False
        now = asyncio.get_running_loop().time() if self.for_s is not None else 0.0
        return self.for_s is None or now < self._first_s.setdefault(job, now) + self.for_s


@dataclass
class MisreportJobs(Passive):
    """A job that is complete has ended otherwise. One that still runs is left alone, so the HMC's own rules hold."""

    match: RequestPattern
    end: JobEnd
    status: int
    reason: int
    message: str

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Change what is said of it."""
        job, _ = job_of(flow.request.path)
        if not names_job(self.match, job) or _status_told(flow, answer) != "complete":
            return None
        answer.text = json.dumps(self._told())
        return f"said that the job {'was canceled' if self.end is JobEnd.CANCELED else 'failed'}, although it did well"

    def _told(self) -> dict[str, object]:
        if self.end is JobEnd.CANCELED:
            return {"status": "canceled"}
        return {
            "status": "complete",
            "job-status-code": self.status,
            "job-reason-code": self.reason,
            "job-results": {"message": self.message},
        }


@dataclass
class OmitFromJobs(Passive):
    """A field is missing."""

    match: RequestPattern
    field: JobField

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Take it out, if it is there."""
        told = object_of(answer) if meant(self.match, flow.request) and self._is_place(flow) else None
        if told is None or self.field.value not in told:
            return None
        del told[self.field.value]
        answer.text = json.dumps(told)
        return f"left out {self.field.value}"

    def _is_place(self, flow: HTTPFlow) -> bool:
        if self.field is JobField.JOB_URI:
            return flow.request.method == "POST"
        return flow.request.method == "GET" and bool(job_of(flow.request.path)[0])


@dataclass
class PretendJobs(Passive):
    """Nothing happens on the HMC, and everybody is told that it did."""

    match: RequestPattern
    _jobs: set[str] = field(default_factory=set)

    async def request(self, flow: HTTPFlow) -> str | None:
        """Answer for the operation and for the job that is none."""
        job, rest = job_of(flow.request.path)
        if job in self._jobs and not rest:
            return self._of_job(flow, job)
        if flow.request.method != "POST" or not meant(self.match, flow.request):
            return None
        made = f"/api/jobs/{uuid.UUID(int=len(self._jobs) + 1)}"
        self._jobs.add(made)
        answer_json(flow, 202, {"job-uri": made})
        return "took the operation for a job, and did not tell the HMC"

    @staticmethod
    def _of_job(flow: HTTPFlow, job: str) -> str | None:
        if flow.request.method == "DELETE":
            respond(flow, 204, "", "")
            return f"deleted {job}, which never was"
        answer_json(flow, 200, {"status": "complete", "job-status-code": 200, "job-reason-code": 0})
        return "said that the job is complete, although the HMC has done nothing"


def names_job(match: RequestPattern, job: str) -> bool:
    """Whether a pattern names this job. Its method does not restrict which operations on the job are meant."""
    return bool(job) and match.matches("GET" if match.method == "*" else match.method, job)


def _status_told(flow: HTTPFlow, answer: Response) -> object:
    """The status in an answer about a job; None if it is something else."""
    job, rest = job_of(flow.request.path)
    if not job or rest or flow.request.method != "GET" or answer.status_code != 200:
        return None
    told = object_of(answer)
    return told.get("status") if told else None

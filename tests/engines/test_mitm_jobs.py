"""What is told of jobs, on messages made by hand."""

from __future__ import annotations

import asyncio
import json

import pytest
from mitmproxy.http import HTTPFlow

from harness.core.commands import FreezeJobs, JobEnd, JobField, MisreportJobs, OmitFromJobs, PretendJobs
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.engines.mitm.rules import Place, Rule, rule
from tests.engines.test_mitm_rules import COMPLETE, ask, body, exchange, hear

CANCEL = MisreportJobs(match=ANY_JOB, end=JobEnd.CANCELED)
FAIL = MisreportJobs(match=ANY_JOB, end=JobEnd.FAILED, status=500, reason=263, message="no")
STARTING = RequestPattern.parse("POST /api/partitions/*/operations/start")


def test_a_slow_job_runs_until_its_time_has_come_and_completes_then() -> None:
    """Its time is the agent's and begins with the first look: 1000 s of it are 10 ms of the wall here."""

    async def scene() -> tuple[str | None, str | None, str | None]:
        slow = rule(FreezeJobs(match=ANY_JOB, for_s=1000), Place(speed=1e5))
        first = exchange("GET", "/api/jobs/1", COMPLETE)
        looks = [await step(slow, first)]
        await asyncio.sleep(0.02)
        looks.append(await step(slow, exchange("GET", "/api/jobs/1", COMPLETE)))
        looks.append(await step(slow, exchange("GET", "/api/jobs/2", COMPLETE)))
        return looks[0], looks[1], looks[2]

    first, later, other = asyncio.run(scene())
    assert "running" in (first or "")
    assert later is None
    assert "running" in (other or ""), "each job has a time of its own"


async def step(what: Rule, flow: HTTPFlow) -> str | None:
    answer, flow.response = flow.response, None
    assert answer is not None
    assert await what.request(flow) is None
    return what.response(flow, answer)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (CANCEL, {"status": "canceled"}),
        (
            FAIL,
            {
                "status": "complete",
                "job-status-code": 500,
                "job-reason-code": 263,
                "job-results": {"message": "no"},
            },
        ),
    ],
    ids=["canceled", "failed"],
)
def test_a_job_that_did_well_is_told_to_have_ended_otherwise(command: MisreportJobs, told: dict[str, object]) -> None:
    flow = exchange("GET", "/api/jobs/17", COMPLETE)
    assert "although it did well" in (hear(rule(command), flow) or "")
    assert body(flow) == told


@pytest.mark.parametrize("command", [CANCEL, FAIL], ids=["canceled", "failed"])
@pytest.mark.parametrize(
    ("method", "path", "told", "status"),
    [
        ("GET", "/api/jobs/17", {"status": "running"}, 200),
        ("GET", "/api/jobs/17", COMPLETE, 404),
        ("DELETE", "/api/jobs/17", None, 204),
        ("GET", "/api/partitions/1", {"status": "complete"}, 200),
    ],
)
def test_a_job_that_runs_and_what_is_no_job_is_left_alone(
    command: MisreportJobs, method: str, path: str, told: object, status: int
) -> None:
    assert hear(rule(command), exchange(method, path, told, status)) is None


@pytest.mark.parametrize("field", [f for f in JobField if f is not JobField.JOB_URI])
def test_a_field_is_missing_of_what_is_said_of_a_job(field: JobField) -> None:
    whole = {**COMPLETE, "job-reason-code": 0}
    flow = exchange("GET", "/api/jobs/17", whole)
    assert hear(rule(OmitFromJobs(match=ANY_REQUEST, field=field)), flow) == f"left out {field}"
    assert body(flow) == {key: value for key, value in whole.items() if key != field}


def test_the_uri_of_a_job_is_missing_where_it_is_started() -> None:
    flow = exchange("POST", "/api/partitions/1/operations/start", {"job-uri": "/api/jobs/1"}, 202)
    assert hear(rule(OmitFromJobs(match=ANY_REQUEST, field=JobField.JOB_URI)), flow)
    assert body(flow) == {}


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [("GET", "/api/partitions/1", {"status": "active"}), ("GET", "/api/jobs/1", {"job-status-code": 200})],
)
def test_a_field_that_is_not_of_a_job_or_not_there_is_no_witness(method: str, path: str, told: object) -> None:
    assert hear(rule(OmitFromJobs(match=ANY_REQUEST, field=JobField.STATUS)), exchange(method, path, told)) is None


def test_an_operation_without_effect_has_a_job_that_completes_and_can_be_deleted() -> None:
    """The whole life of the job, without the HMC."""
    pretending = rule(PretendJobs(match=STARTING))
    start = exchange("POST", "/api/partitions/1/operations/start")
    assert "did not tell the HMC" in (ask(pretending, start) or "")
    uri = body(start)["job-uri"]
    assert isinstance(uri, str)
    look = exchange("GET", uri)
    assert "nothing" in (ask(pretending, look) or "")
    assert (body(look)["status"], body(look)["job-status-code"]) == ("complete", 200)
    end = exchange("DELETE", uri)
    assert ask(pretending, end)
    assert end.response is not None
    assert (end.response.status_code, end.response.content) == (204, b"")
    again = exchange("POST", "/api/partitions/1/operations/start")
    ask(pretending, again)
    assert body(again)["job-uri"] != uri


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/partitions/1/operations/stop"), ("GET", "/api/jobs/of-somebody-else"), ("GET", "/api/partitions")],
)
def test_all_else_reaches_the_hmc(method: str, path: str) -> None:
    assert ask(rule(PretendJobs(match=STARTING)), exchange(method, path)) is None


def test_what_is_told_is_json() -> None:
    flow = exchange("GET", "/api/jobs/17", COMPLETE)
    hear(rule(CANCEL), flow)
    assert flow.response is not None
    assert json.loads(flow.response.content or b"") == {"status": "canceled"}

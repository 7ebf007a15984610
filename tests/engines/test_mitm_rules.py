"""What each command does to a request and its answer, on messages made by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest
from mitmproxy.http import Headers, HTTPFlow, Response
from mitmproxy.test import tflow
from mitmproxy.tls import TlsData

from harness.core import commands
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.engines.mitm.addon import Faults, public, words
from harness.engines.mitm.drips import Drip
from harness.engines.mitm.rules import Place, Rule, rule

COMPLETE = {"status": "complete", "job-status-code": 200, "job-results": {"a": 1}}


def exchange(method: str, path: str, told: object = None, status: int = 200) -> HTTPFlow:
    flow = tflow.tflow()
    flow.request.method, flow.request.path = method, path
    body = b"" if told is None else json.dumps(told).encode()
    flow.response = Response.make(status, body, Headers(content_type="application/json"))
    return flow


def ask(what: Rule, flow: HTTPFlow) -> str | None:
    flow.response = None
    return asyncio.run(what.request(flow))


def hear(what: Rule, flow: HTTPFlow) -> str | None:
    assert flow.response
    return what.response(flow, flow.response)


def body(flow: HTTPFlow) -> Mapping[str, object]:
    assert flow.response
    found = json.loads(flow.response.get_text() or "")
    assert isinstance(found, dict)
    assert flow.response.headers["content-length"] == str(len(flow.response.raw_content or b""))
    return found


FREEZE = commands.FreezeJobs(match=ANY_JOB)


def test_a_frozen_job_says_running_and_nothing_else() -> None:
    flow = exchange("GET", "/api/jobs/17", COMPLETE)
    assert "complete" in (hear(rule(FREEZE), flow) or "")
    assert body(flow) == {"status": "running"}


@pytest.mark.parametrize(
    ("method", "path", "told", "status"),
    [
        ("GET", "/api/jobs/17", {"status": "running"}, 200),
        ("GET", "/api/jobs/17", COMPLETE, 404),
        ("GET", "/api/jobs/17", [1], 200),
        ("GET", "/api/jobs/17", {"no": "job"}, 200),
        ("GET", "/api/cpcs/17", COMPLETE, 200),
        ("GET", "/api/jobs/17/more", COMPLETE, 200),
    ],
)
def test_what_hides_no_progress_of_a_job_is_neither_changed_nor_a_witness(
    method: str, path: str, told: object, status: int
) -> None:
    flow = exchange(method, path, told, status)
    assert flow.response
    before = flow.response.copy().raw_content
    assert hear(rule(FREEZE), flow) is None
    assert flow.response.raw_content == before


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [("DELETE", "/api/jobs/17", (409, 40)), ("POST", "/api/jobs/17/operations/cancel", (404, 4))],
)
@pytest.mark.parametrize("match", ["/api/jobs/**", "GET /api/jobs/*", "/api/jobs/17"])
def test_a_frozen_job_can_be_neither_deleted_nor_cancelled(
    match: str, method: str, path: str, answer: tuple[int, int]
) -> None:
    """Whatever the pattern's method: it names the job."""
    flow = exchange(method, path)
    assert "refused" in (ask(rule(commands.FreezeJobs(match=RequestPattern.parse(match))), flow) or "")
    assert (body(flow)["http-status"], body(flow)["reason"]) == answer


def test_another_job_than_the_named_one_goes_on() -> None:
    frozen = rule(commands.FreezeJobs(match=RequestPattern.parse("/api/jobs/17")))
    assert ask(frozen, exchange("DELETE", "/api/jobs/18")) is None
    assert hear(frozen, exchange("GET", "/api/jobs/18", COMPLETE)) is None


def test_an_error_has_the_form_of_the_hmc_and_no_query() -> None:
    command = commands.AnswerWithError(match=ANY_REQUEST, status=503, reason=7, message="no")
    flow = exchange("GET", "/api/cpcs?name=x")
    assert ask(rule(command), flow) == "answered 503,7"
    assert flow.response
    assert flow.response.status_code == 503
    told = body(flow)
    assert (told["http-status"], told["reason"], told["message"]) == (503, 7, "no")
    assert (told["request-method"], told["request-uri"]) == ("GET", "/api/cpcs")


@pytest.mark.parametrize("told", [{}, [], {"a": 1}, COMPLETE, [[1]]])
def test_cut_json_is_no_json(told: object) -> None:
    flow = exchange("GET", "/api/cpcs", told)
    assert hear(rule(commands.BreakJson(match=ANY_REQUEST)), flow)
    assert flow.response
    with pytest.raises(json.JSONDecodeError):
        json.loads(flow.response.content or b"")
    assert flow.response.headers["content-length"] == str(len(flow.response.raw_content or b""))


def test_an_answer_without_a_body_cannot_be_broken_or_misnamed() -> None:
    flow = exchange("DELETE", "/api/sessions/this-session", status=204)
    assert hear(rule(commands.BreakJson(match=ANY_REQUEST)), flow) is None
    assert hear(rule(commands.ChangeContentType(match=ANY_REQUEST, content_type="a/b")), flow) is None


def test_the_content_type_is_another_and_the_body_the_same() -> None:
    flow = exchange("GET", "/api/cpcs", {"a": 1})
    assert hear(rule(commands.ChangeContentType(match=ANY_REQUEST, content_type="text/html")), flow)
    assert flow.response
    assert flow.response.headers["content-type"] == "text/html"
    assert body(flow) == {"a": 1}


@pytest.mark.parametrize(
    "command",
    [
        commands.AnswerWithError(match=RequestPattern.parse("POST /x"), status=500, reason=0, message=""),
        commands.BreakJson(match=RequestPattern.parse("POST /x")),
        commands.ChangeContentType(match=RequestPattern.parse("POST /x"), content_type="a/b"),
        commands.DelayRequest(match=RequestPattern.parse("POST /x"), delay_s=1e9),
    ],
)
def test_requests_that_are_not_meant_pass(command: commands.HttpCommand) -> None:
    flow = exchange("GET", "/x", {"a": 1})
    assert hear(rule(command), flow) is None
    assert ask(rule(command), flow) is None


def test_a_delay_is_in_the_agents_seconds() -> None:
    """At a million agent seconds in one of the wall's, a thousand of them are a millisecond."""
    waiting = rule(commands.DelayRequest(match=ANY_REQUEST, delay_s=1000), Place(speed=1e6))
    assert "all of it" in (ask(waiting, exchange("GET", "/x")) or "")


def test_healing_releases_what_waits() -> None:
    async def scene() -> str | None:
        waiting = rule(commands.DelayRequest(match=ANY_REQUEST, delay_s=1e6))
        task = asyncio.create_task(waiting.request(exchange("GET", "/x")))
        await asyncio.sleep(0)
        waiting.release()
        return await asyncio.wait_for(task, 5)

    assert "then the fault was healed" in (asyncio.run(scene()) or "")


def test_a_command_of_another_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="Hang"):
        rule(commands.Hang())


def test_a_failing_rule_is_told_without_the_words_of_the_exception() -> None:
    """mitmproxy would swallow it; and an exception may quote a secret header."""

    class Broken:
        async def request(self, flow: HTTPFlow) -> str | None:
            raise KeyError("secret")

        def response(self, flow: HTTPFlow, answer: Response) -> str | None:
            return None

        def drip(self, flow: HTTPFlow, answer: Response) -> Drip | None:
            return None

        def handshake(self, data: TlsData) -> str | None:
            return None

        def release(self) -> None:
            return

    async def scene() -> list[Mapping[str, object]]:
        said: list[Mapping[str, object]] = []
        faults = Faults(said.append)
        faults.begin(1, Broken())
        flow = exchange("GET", "/x")
        flow.response = None
        await faults.request(flow)
        return said

    (told,) = asyncio.run(scene())
    assert "KeyError at test_mitm_rules.py" in str(told["crashed"])
    assert "secret" not in str(told)


def test_a_synthetic_answer_is_not_broken_as_if_it_were_the_hmcs() -> None:
    async def scene() -> list[Mapping[str, object]]:
        said: list[Mapping[str, object]] = []
        faults = Faults(said.append)
        faults.begin(1, rule(commands.AnswerWithError(match=ANY_REQUEST, status=500, reason=0, message="")))
        faults.begin(2, rule(commands.BreakJson(match=ANY_REQUEST)))
        flow = exchange("GET", "/x")
        flow.response = None
        await faults.request(flow)
        await faults.response(flow)
        return said

    assert [told["touched"] for told in asyncio.run(scene())] == [1]


def test_no_session_id_or_query_is_in_a_public_path() -> None:
    assert public("/api/sessions/abc123?x=1") == "/api/sessions/*"
    assert public("/api/sessions/this-session") == "/api/sessions/this-session"
    assert public("/api/cpcs?name=secret") == "/api/cpcs"


def test_words_of_an_exception_that_was_never_raised() -> None:
    assert words(ValueError("secret")) == "ValueError"

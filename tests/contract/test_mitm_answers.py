"""Through a real mitmproxy: answers that are wrong, as their bytes on the wire, each with its witness and healed."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.core.commands import (
    AnswerPart,
    AnswerWithError,
    EnlargeAnswer,
    ErrorBody,
    Framing,
    HttpCommand,
    LoseExchange,
    RefuseSessions,
    Spoil,
    SpoilBody,
    TruncateAnswer,
)
from harness.core.events import ComponentCrashed, Touched
from harness.core.patterns import ANY_REQUEST, RequestPattern
from tests.contract.mitm_world import COMPLETE, World, world
from tests.contract.raw_client import Raw, raw_ask
from tests.faults.http_examples import YIELDS

pytestmark = pytest.mark.contract

GOOD = json.dumps(COMPLETE).encode()


def is_page(it: Raw) -> None:
    assert (it.status, it.header("Content-Type")) == (200, "text/html; charset=utf-8")
    assert b"<p>Hello &lt;you&gt;</p>" in it.body


def is_empty(it: Raw) -> None:
    assert (it.status, it.body, it.header("Content-Length")) == (502, b"", "0")
    assert it.header("Content-Type") is None


def says_when_to_come_back(it: Raw) -> None:
    assert (it.status, it.header("Retry-After")) == (503, "3")
    assert json.loads(it.body)["http-status"] == 503


def is_of_another_type(it: Raw) -> None:
    assert isinstance(json.loads(it.body), list)
    assert it.header("Content-Length") == str(len(it.body))


def is_no_text(it: Raw) -> None:
    with pytest.raises(UnicodeDecodeError):
        it.body.decode()
    assert it.header("Content-Length") == str(len(it.body))


def is_no_gzip(it: Raw) -> None:
    assert it.header("Content-Encoding") == "gzip"
    with pytest.raises(Exception, match=r"(?i)invalid|error"):
        gzip.decompress(it.body)
    assert it.header("Content-Length") == str(len(it.body))


def has_much_head(it: Raw) -> None:
    assert 20_000 < len(it.head) < 21_000
    assert it.body == GOOD


def has_much_body(it: Raw) -> None:
    assert len(it.body) == len(GOOD) + 3_000_000
    assert json.loads(it.body) == COMPLETE


def is_half(it: Raw) -> None:
    assert it.body == GOOD[: len(GOOD) // 2]
    assert it.header("Content-Length") == str(len(GOOD))


def is_half_and_nobody_knows(it: Raw) -> None:
    assert it.body == GOOD[: len(GOOD) // 2]
    assert it.header("Content-Length") is it.header("Transfer-Encoding") is None


def has_a_bad_chunk(it: Raw) -> None:
    half = GOOD[: len(GOOD) // 2]
    assert it.header("Transfer-Encoding") == "chunked"
    assert it.body == b"%x\r\n%s\r\nthis is no length\r\n" % (len(half), half)


def is_nothing(it: Raw) -> None:
    assert it == Raw(b"", b"")


def _error(status: int, body: ErrorBody, message: str = "", retry_after_s: float | None = None) -> AnswerWithError:
    return AnswerWithError(
        match=ANY_REQUEST, status=status, reason=0, message=message, body=body, retry_after_s=retry_after_s
    )


@pytest.mark.parametrize(
    ("command", "looks", "executed"),
    [
        (_error(200, ErrorBody.HTML, "Hello <you>"), is_page, False),
        (_error(502, ErrorBody.EMPTY), is_empty, False),
        (_error(503, ErrorBody.HMC, "later", 2.5), says_when_to_come_back, False),
        (SpoilBody(match=ANY_REQUEST, how=Spoil.JSON_TYPE), is_of_another_type, True),
        (SpoilBody(match=ANY_REQUEST, how=Spoil.UTF8), is_no_text, True),
        (SpoilBody(match=ANY_REQUEST, how=Spoil.GZIP), is_no_gzip, True),
        (EnlargeAnswer(match=ANY_REQUEST, part=AnswerPart.HEADERS, size_bytes=20_000), has_much_head, True),
        (EnlargeAnswer(match=ANY_REQUEST, part=AnswerPart.BODY, size_bytes=3_000_000), has_much_body, True),
        (TruncateAnswer(match=ANY_REQUEST, framing=Framing.CONTENT_LENGTH), is_half, True),
        (TruncateAnswer(match=ANY_REQUEST, framing=Framing.CLOSE), is_half_and_nobody_knows, True),
        (TruncateAnswer(match=ANY_REQUEST, framing=Framing.CHUNKED), has_a_bad_chunk, True),
        (LoseExchange(match=ANY_REQUEST, executed=True), is_nothing, True),
        (LoseExchange(match=ANY_REQUEST, executed=False), is_nothing, False),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_on_the_wire(command: HttpCommand, looks: Callable[[Raw], None], executed: bool) -> None:
    """What comes, whether the HMC was asked, the witness, and that nothing is left once it is healed."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, command)
            looks(await raw_ask(it.port, "/api/cpcs?name=x", "POST"))
            assert it.upstream.asked == (["POST /api/cpcs"] if executed else [])
            await it.recorder.until(lambda: bool(it.recorder.all(Touched)))
            assert it.recorder.all(Touched)[0].what.startswith("POST /api/cpcs: ")
            await it.proxy.heal(1)
            assert (await raw_ask(it.port, "/api/cpcs")).body == GOOD
            assert it.recorder.all(ComponentCrashed) == []
            assert len(it.recorder.all(Touched)) == 1

    asyncio.run(scene())


def test_what_is_armed_and_not_met_leaves_no_witness() -> None:
    """Of each fault that sees HTTP: a request that is not meant passes untouched, so the trial would be UNKNOWN."""

    async def scene() -> None:
        nobody = RequestPattern.parse("PUT /nobody/asks/for/this")
        armed = [replace(c, match=nobody) for _, c in YIELDS if isinstance(c, HttpCommand)]
        assert len(armed) >= 15
        async with world() as it:
            for step, command in enumerate(armed, 1):
                await it.proxy.begin(step, command)
            assert (await raw_ask(it.port, "/api/cpcs", X_API_Session="s")).body == GOOD
            assert (await raw_ask(it.port, "/api/jobs/1")).body == GOOD
            await settled(it)
            assert it.recorder.events == []

    asyncio.run(scene())


@pytest.mark.parametrize("logon", [True, False])
def test_sessions_are_unknown_and_logons_as_asked_for(logon: bool) -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, RefuseSessions(match=ANY_REQUEST, logon=logon))
            assert reason(await raw_ask(it.port, "/api/cpcs", X_API_Session="s")) == (403, 5)
            answer = await raw_ask(it.port, "/api/sessions", "POST")
            assert (reason(answer) == (403, 5)) is logon
            assert (await raw_ask(it.port, "/api/version")).status == 200, "needs no session"

    asyncio.run(scene())


def reason(it: Raw) -> tuple[int, int]:
    return it.status, json.loads(it.body).get("reason")


def test_faults_of_one_answer_compose() -> None:
    """A large body that ends in the middle; and what is lost is touched by nothing else."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, EnlargeAnswer(match=ANY_REQUEST, part=AnswerPart.BODY, size_bytes=1000))
            await it.proxy.begin(2, TruncateAnswer(match=ANY_REQUEST, framing=Framing.CONTENT_LENGTH))
            answer = await raw_ask(it.port, "/api/cpcs")
            assert len(answer.body) == (len(GOOD) + 1000) // 2
            await it.proxy.begin(3, LoseExchange(match=ANY_REQUEST, executed=False))
            await raw_ask(it.port, "/api/cpcs")
            await settled(it)
            assert [e.step for e in it.recorder.all(Touched)] == [1, 2, 3]

    asyncio.run(scene())


async def settled(it: World) -> None:
    """What was said before this is recorded by now: the channel keeps the order."""
    await it.proxy.heal(99)

"""Commands survive the pipe to the proxy process."""

from __future__ import annotations

import pytest

from harness.core.commands import AnswerWithError, BreakJson, ChangeContentType, DelayRequest, FreezeJobs, HttpCommand
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.engines.mitm import wire

COMMANDS = [
    FreezeJobs(match=ANY_JOB),
    AnswerWithError(match=RequestPattern.parse("GET /api/cpcs/*"), status=503, reason=1, message="\N{SNOWMAN} no"),
    BreakJson(match=ANY_REQUEST),
    ChangeContentType(match=ANY_REQUEST, content_type="text/html"),
    DelayRequest(match=ANY_REQUEST, delay_s=1.5),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_a_command_survives_the_pipe(command: HttpCommand) -> None:
    text = wire.line(wire.encode(command))
    assert text.count(b"\n") == 1
    assert wire.decode(wire.parse(text)) == command


def test_all_that_is_carried_can_be_sent() -> None:
    assert {type(command) for command in COMMANDS} == wire.CARRIES


@pytest.mark.parametrize("text", [b"[]", b"{", b"no", b"1"])
def test_what_is_no_message_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own words for three of the four
        wire.parse(text)


@pytest.mark.parametrize(
    "message",
    [{"kind": "RemoveNic", "match": "**"}, {}, {"kind": "BreakJson", "match": "**", "more": 1}],
)
def test_what_is_no_command_of_this_engine_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"command|more"):
        wire.decode(message)

"""Commands survive the pipe to the proxy process."""

from __future__ import annotations

import pytest

from harness.core.commands import (
    AnswerPart,
    AnswerWithError,
    BreakJson,
    Certificate,
    ChangeContentType,
    Command,
    Cut,
    DelayRequest,
    DripAnswer,
    EnlargeAnswer,
    ErrorBody,
    Framing,
    FreezeJobs,
    JobEnd,
    JobField,
    LoseExchange,
    MisreportJobs,
    NoteRequests,
    OfferOldTls,
    OmitFromJobs,
    PresentCertificate,
    PretendJobs,
    Redirect,
    RedirectTo,
    RefuseSessions,
    Spoil,
    SpoilBody,
    TruncateAnswer,
)
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.engines.mitm import wire

COMMANDS: list[Command] = [
    FreezeJobs(match=ANY_JOB),
    AnswerWithError(match=RequestPattern.parse("GET /api/cpcs/*"), status=503, reason=1, message="\N{SNOWMAN} no"),
    BreakJson(match=ANY_REQUEST),
    ChangeContentType(match=ANY_REQUEST, content_type="text/html"),
    DelayRequest(match=ANY_REQUEST, delay_s=1.5),
    AnswerWithError(match=ANY_REQUEST, status=200, reason=0, message="", body=ErrorBody.HTML, retry_after_s=2.5),
    RefuseSessions(match=ANY_REQUEST, logon=True),
    SpoilBody(match=ANY_REQUEST, how=Spoil.GZIP),
    EnlargeAnswer(match=ANY_REQUEST, part=AnswerPart.BODY, size_bytes=9),
    TruncateAnswer(match=ANY_REQUEST, framing=Framing.CLOSE),
    LoseExchange(match=ANY_REQUEST, executed=False, how=Cut.RST),
    DripAnswer(match=ANY_REQUEST, part=AnswerPart.HEADERS, bytes_per_s=2.5),
    Redirect(match=ANY_REQUEST, to=RedirectTo.OTHER_HOST, status=307, once=False),
    FreezeJobs(match=ANY_JOB, for_s=2.0),
    MisreportJobs(match=ANY_JOB, end=JobEnd.FAILED, status=500, reason=263, message="no"),
    OmitFromJobs(match=ANY_REQUEST, field=JobField.JOB_URI),
    PretendJobs(match=ANY_REQUEST),
    PresentCertificate(certificate=Certificate.EXPIRED),
    OfferOldTls(),
    NoteRequests(match=ANY_REQUEST),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_a_command_survives_the_pipe(command: Command) -> None:
    """With its values of their own kinds: an enumeration does not become a text that looks the same."""
    text = wire.line(wire.encode(command))
    assert text.count(b"\n") == 1
    again = wire.decode(wire.parse(text))
    assert again == command
    assert repr(again) == repr(command)


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

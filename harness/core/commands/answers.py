"""What the HMC answers over HTTP, and whether it answers at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.core.commands.base import HttpCommand
from harness.core.commands.connections import Cut


class ErrorBody(StrEnum):
    """What comes with an error status: the HMC's JSON, a web server's page, or nothing."""

    HMC = "hmc"
    HTML = "html"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWithError(HttpCommand):
    """The HMC is not asked; the client gets this status with such a body."""

    status: int
    reason: int
    message: str
    body: ErrorBody = ErrorBody.HMC
    retry_after_s: float | None = None
    """For a Retry-After header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseSessions(HttpCommand):
    """Requests within a session are answered with 403,5, as if the HMC did not know it."""

    logon: bool
    """Logons are answered so as well."""


class Spoil(StrEnum):
    """What is wrong with the body of an answer whose head is in order."""

    JSON_TYPE = "json_type"
    UTF8 = "utf8"
    GZIP = "gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoilBody(HttpCommand):
    """The HMC's answer keeps its length and form, but its content is of no use."""

    how: Spoil


class AnswerPart(StrEnum):
    """A part of an answer."""

    HEADERS = "headers"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnlargeAnswer(HttpCommand):
    """The HMC's answer means the same, and is larger by so much."""

    part: AnswerPart
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DripAnswer(HttpCommand):
    """A part of the HMC's answer is sent at this rate, each byte in a TLS record of its own."""

    part: AnswerPart
    bytes_per_s: float


class Framing(StrEnum):
    """How an answer says where it ends."""

    CONTENT_LENGTH = "content_length"
    CLOSE = "close"
    CHUNKED = "chunked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateAnswer(HttpCommand):
    """Half of the HMC's answer arrives, then the connection is closed; chunks end in something that is none."""

    framing: Framing


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseExchange(HttpCommand):
    """The connection is ended instead of an answer, exactly for the requests that match."""

    executed: bool
    """Whether the HMC has carried the request out by then."""
    how: Cut = Cut.FIN


class RedirectTo(StrEnum):
    """Where a redirect leads."""

    SAME = "same"
    OTHER_HOST = "other_host"
    PLAIN_HTTP = "plain_http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(HttpCommand):
    """The HMC is not asked; the client is sent elsewhere, at most to another address of the trial."""

    to: RedirectTo
    status: int
    once: bool
    """A request that comes again after its redirect is let through; otherwise it is sent round for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakJson(HttpCommand):
    """The HMC's answer reaches the client with its last half missing: valid HTTP, broken JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeContentType(HttpCommand):
    """The HMC's answer carries another Content-Type."""

    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayRequest(HttpCommand):
    """The request waits before it is passed to the HMC."""

    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRequests(HttpCommand):
    """No fault: each request that can be read is told, also one that the HMC never sees because of another command."""

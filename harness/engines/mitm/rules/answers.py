"""Answers that are wrong, or late, or none."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import dataclass

from mitmproxy.connection import ConnectionState
from mitmproxy.http import HTTPFlow, Response

from harness.core.commands import AnswerPart, Cut, ErrorBody, Framing, Spoil
from harness.core.patterns import RequestPattern
from harness.engines.mitm.rules.base import (
    LOST_BY_US,
    SESSION_HEADER,
    Passive,
    answer,
    bare,
    meant,
    refuse,
    whole_seconds,
    without,
)
from harness.engines.mitm.sockets import reset_when_closed

CLIENT_CHECK_S = 0.1
LOGON = "/api/sessions"
HEADER_BYTES = 8000
"""Longest single header that is made: servers and clients limit a line to 8 or 64 KiB, and their sum apart from it."""


SEEN = "seen"


@dataclass
class NoteRequests(Passive):
    """Leaves everything as it is, and tells of it."""

    match: RequestPattern

    async def request(self, flow: HTTPFlow) -> str | None:
        """Tell."""
        return SEEN if meant(self.match, flow.request) else None


@dataclass
class AnswerWithError(Passive):
    """The HMC is not asked."""

    match: RequestPattern
    status: int
    reason: int
    message: str
    body: ErrorBody = ErrorBody.HMC
    retry_after_s: float | None = None
    speed: float = 1.0

    async def request(self, flow: HTTPFlow) -> str | None:
        """Answer in the HMC's place."""
        if not meant(self.match, flow.request):
            return None
        refuse(flow, self.status, self.reason, self.message, self.body)
        if flow.response is not None and self.retry_after_s is not None:
            flow.response.headers["Retry-After"] = whole_seconds(self.retry_after_s, self.speed)
        return f"answered {self.status},{self.reason}" if self.body is ErrorBody.HMC else f"answered {self.status}"


@dataclass
class RefuseSessions(Passive):
    """No session is known."""

    match: RequestPattern
    logon: bool

    async def request(self, flow: HTTPFlow) -> str | None:
        """Answer in the HMC's place."""
        is_logon = flow.request.method == "POST" and bare(flow.request.path) == LOGON
        within = SESSION_HEADER in flow.request.headers
        if not meant(self.match, flow.request) or not (self.logon if is_logon else within):
            return None
        answer(flow, 403, 5, "The X-API-Session header holds no valid session ID.")
        return "answered a logon with 403,5" if is_logon else "answered 403,5"


@dataclass
class BreakJson(Passive):
    """The last half of the answer is missing."""

    match: RequestPattern

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Cut it; without its last bracket no object or list is JSON."""
        if not meant(self.match, flow.request):
            return None
        body = answer.content or b""
        if not body.lstrip().startswith((b"{", b"[")):
            return None
        kept = body[: (len(body) + 1) // 2]
        answer.content = kept
        return f"cut the answer from {len(body)} to {len(kept)} bytes"


@dataclass
class ChangeContentType(Passive):
    """The answer claims to be something else."""

    match: RequestPattern
    content_type: str

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """An answer without a body has no type to lie about."""
        was = answer.headers.get("content-type", "none")
        if not meant(self.match, flow.request) or not answer.raw_content or was == self.content_type:
            return None
        answer.headers["content-type"] = self.content_type
        return f"changed the content type from {was} to {self.content_type}"


@dataclass
class SpoilBody(Passive):
    """Head and length are in order, and the content is of no use."""

    match: RequestPattern
    how: Spoil

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """An answer without a body cannot be spoilt."""
        body = answer.content or b""
        if not body or not meant(self.match, flow.request):
            return None
        match self.how:
            case Spoil.JSON_TYPE:
                wrong: object = {} if body.lstrip().startswith(b"[") else [None]
                answer.content = json.dumps(wrong).encode()
                return f"said {answer.text} instead of {len(body)} bytes of JSON"
            case Spoil.UTF8:
                # 0xff is in no UTF-8 text; in front, where not even the kind of JSON can be told.
                answer.content = b'"\xff\xfe' + body
                return "put bytes into the answer that are no UTF-8"
            case Spoil.GZIP:
                answer.headers["content-encoding"] = "gzip"
                packed = gzip.compress(body)
                # The head of a gzip file has 10 bytes (RFC 1952); a first block of type 3 is reserved (RFC 1951).
                answer.raw_content = packed[:10] + b"\xff" * (len(packed) - 10)
                answer.headers["content-length"] = str(len(packed))
                return f"said {len(packed)} bytes that are no gzip"


@dataclass
class EnlargeAnswer(Passive):
    """The same answer, and very much of it."""

    match: RequestPattern
    part: AnswerPart
    size_bytes: int

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """An answer without a body stays without one."""
        if not meant(self.match, flow.request):
            return None
        if self.part is AnswerPart.HEADERS:
            whole, rest = divmod(self.size_bytes, HEADER_BYTES)
            sizes = [HEADER_BYTES] * whole + ([rest] if rest else [])
            fields = tuple((b"X-Padding-%d" % number, b"x" * size) for number, size in enumerate(sizes, 1))
            answer.headers.fields = (*answer.headers.fields, *fields)
            return f"added {self.size_bytes} bytes of headers"
        if not answer.content:
            return None
        answer.content += b" " * self.size_bytes  # blanks after a JSON text mean nothing (RFC 8259)
        return f"added {self.size_bytes} bytes to the body"


@dataclass
class TruncateAnswer(Passive):
    """Half of an answer."""

    match: RequestPattern
    framing: Framing

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Cut it, and let mitmproxy close the connection behind it."""
        body = answer.raw_content or b""
        if len(body) < 2 or not meant(self.match, flow.request):
            return None
        kept = body[: len(body) // 2]
        without(answer.headers, "content-length", "transfer-encoding", "connection")
        ending: tuple[bytes, bytes] = (b"Connection", b"close")
        match self.framing:
            case Framing.CONTENT_LENGTH:
                answer.headers["Content-Length"] = str(len(body))
            case Framing.CHUNKED:
                # mitmproxy makes good chunks of an answer that it knows to be chunked, so it must not know.
                ending = (b"Connection", b"close\r\nTransfer-Encoding: chunked")
                kept = b"%x\r\n%s\r\nthis is no length\r\n" % (len(kept), kept)
            case Framing.CLOSE:
                pass
        answer.headers.fields = (*answer.headers.fields, ending)
        answer.raw_content = kept
        return f"sent half of {len(body)} bytes ({self.framing.value})"


@dataclass
class LoseExchange(Passive):
    """No answer: the connection is ended."""

    match: RequestPattern
    executed: bool
    how: Cut = Cut.FIN

    async def request(self, flow: HTTPFlow) -> str | None:
        """Before the HMC has seen it."""
        if self.executed or not meant(self.match, flow.request):
            return None
        return self._lose(flow, "the HMC has not seen the request")

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """After the HMC has carried it out."""
        if not self.executed or not meant(self.match, flow.request):
            return None
        return self._lose(flow, f"the HMC has answered {answer.status_code}")

    def _lose(self, flow: HTTPFlow, words: str) -> str | None:
        if not flow.killable:  # another rule was first, or the client has gone
            return None
        if self.how is Cut.RST and not reset_when_closed(flow.client_conn.sockname, flow.client_conn.peername):
            return None  # it has gone
        flow.metadata[LOST_BY_US] = True
        flow.kill()  # type: ignore[no-untyped-call]  # mitmproxy does not annotate it
        return f"{'reset' if self.how is Cut.RST else 'closed'} the connection; {words}"


class DelayRequest(Passive):
    """The request waits. Its witness comes when the wait is over, since only then has it been slow."""

    def __init__(self, match: RequestPattern, delay_s: float) -> None:
        self._match = match
        self._delay_s = delay_s
        self._released = asyncio.Event()

    async def request(self, flow: HTTPFlow) -> str | None:
        """Wait, unless it is healed before, or the client gives up."""
        if not meant(self._match, flow.request):
            return None
        loop = asyncio.get_running_loop()
        began = loop.time()
        end = began + self._delay_s
        ended = "all of it"
        while (left_s := end - loop.time()) > 0:
            if self._released.is_set():
                ended = "then the fault was healed"
                break
            # mitmproxy tells of a client's end only after this hook has returned, so it has to be looked up.
            if not flow.client_conn.state & ConnectionState.CAN_READ:
                ended = "then the client gave up"
                break
            await _until(self._released, min(left_s, CLIENT_CHECK_S))
        return f"waited {loop.time() - began:.2f} of {self._delay_s:.2f} wall seconds, {ended}"

    def release(self) -> None:
        """All that wait go on."""
        self._released.set()


async def _until(event: asyncio.Event, at_most_s: float) -> None:
    try:
        async with asyncio.timeout(at_most_s):
            await event.wait()
    except TimeoutError:
        return

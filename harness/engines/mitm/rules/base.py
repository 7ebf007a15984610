"""What a rule is, and what every rule needs.

A rule's two halves each return what they did, in words, or None if they left the message as it was. These words
become witnesses, so a message that looks the same afterwards was not touched.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.tls import TlsData

from harness.core.commands import ErrorBody
from harness.core.patterns import RequestPattern
from harness.engines.mitm.drips import Drip

JSON = "application/json"
ANSWERED_BY_US = "answered by the harness"
"""Key in a flow's metadata: this answer is not the HMC's."""
LOST_BY_US = "lost by the harness"
"""Key in a flow's metadata: there is no answer, on purpose."""
SESSION_HEADER = "X-API-Session"


@dataclass(frozen=True, slots=True)
class Place:
    """What rules may know of the trial that they are in force in."""

    host: str = ""
    """The address that clients connect to."""
    known_as: tuple[str, ...] = ()
    """What clients may call it by: its address, and a name if they are told one. A good certificate is for all."""
    ca_pem: bytes = b""
    """Key and certificate of the authority that clients trust."""
    elsewhere: tuple[str, int] | None = None
    """Another address of this trial, where whatever arrives is recorded."""
    speed: float = 1.0
    """How many of the agent's seconds pass in one of the wall's."""


class Rule(Protocol):
    """A command in force."""

    async def request(self, flow: HTTPFlow) -> str | None:
        """Before the HMC is asked."""
        ...

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """The HMC has answered."""
        ...

    def drip(self, flow: HTTPFlow, answer: Response) -> Drip | None:
        """How slowly the client gets the answer, whatever the rules have made of it; None: at once."""
        ...

    def handshake(self, data: TlsData) -> str | None:
        """A client wants to speak TLS; what it is offered instead, in words."""
        ...

    def release(self) -> None:
        """Healed: whatever waits may go on."""
        ...


class Passive:
    """What a rule does that has nothing to do at one of the moments."""

    async def request(self, flow: HTTPFlow) -> str | None:
        """Leave it."""
        del flow
        return None

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Leave it."""
        del flow, answer
        return None

    def drip(self, flow: HTTPFlow, answer: Response) -> Drip | None:
        """At once."""
        del flow, answer
        return None

    def handshake(self, data: TlsData) -> str | None:
        """Leave it."""
        del data
        return None

    def release(self) -> None:
        """Nothing waits."""


def meant(match: RequestPattern, request: Request) -> bool:
    """Whether a request matches."""
    return match.matches(request.method, request.path)


def bare(path: str) -> str:
    """A path without its query."""
    return path.partition("?")[0]


def job_of(path: str) -> tuple[str, str]:
    """A job's URI, and what follows it; both empty if the path is no job's."""
    found = re.match(r"(/api/jobs/[^/?]+)/?([^?]*)", path)
    return (found[1], found[2]) if found else ("", "")


def object_of(message: Response) -> dict[str, object] | None:
    """The JSON object that an answer holds, or None."""
    try:
        found = json.loads(message.content or b"")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def answer(flow: HTTPFlow, status: int, reason: int, message: str) -> None:
    """Answer a request with an error body as the HMC's (WS API, "Error response bodies"), without asking the HMC."""
    body = {
        "http-status": status,
        "reason": reason,
        "message": message,
        "request-method": flow.request.method,
        "request-uri": bare(flow.request.path),
        "request-headers": {},
        "request-authenticated-as": None,
    }
    answer_json(flow, status, body)


def answer_json(flow: HTTPFlow, status: int, body: Mapping[str, object]) -> None:
    """Answer a request in the HMC's place."""
    respond(flow, status, json.dumps(body), JSON)


def answer_page(flow: HTTPFlow, status: int, message: str) -> None:
    """Answer a request as a web server that knows nothing of the HMC's API."""
    text = html.escape(message)
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><p>{text}</p></body></html>\n"
    respond(flow, status, page, "text/html; charset=utf-8")


def respond(flow: HTTPFlow, status: int, text: str, content_type: str) -> None:
    """Answer a request without asking the HMC; without text there is no content type."""
    flow.metadata[ANSWERED_BY_US] = True
    headers = {"Content-Type": content_type} if text else {}
    flow.response = Response.make(status, text, headers)


def refuse(flow: HTTPFlow, status: int, reason: int, message: str, body: ErrorBody) -> None:
    """Answer a request with an error status and such a body."""
    match body:
        case ErrorBody.HMC:
            answer(flow, status, reason, message)
        case ErrorBody.HTML:
            answer_page(flow, status, message)
        case ErrorBody.EMPTY:
            respond(flow, status, "", "")


def whole_seconds(seconds: float, speed: float) -> str:
    """Agent's seconds as an HTTP header says them: whole ones, never earlier than was asked for."""
    return str(math.ceil(seconds / speed))


def without(headers: Headers, *names: str) -> None:
    """Take headers out, whether or not they are there."""
    for name in names:
        headers.pop(name, None)


Say = Callable[[Mapping[str, object]], None]
"""How the proxy process tells the harness something."""

"""What each command does to a request and to its answer.

A rule's two halves each return what they did, in words, or None if they left the message as it was. These words
become witnesses, so a message that looks the same afterwards was not touched.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mitmproxy.connection import ConnectionState
from mitmproxy.http import HTTPFlow, Request, Response

from harness.core import commands
from harness.core.patterns import RequestPattern

JSON = "application/json"
CLIENT_CHECK_S = 0.1
ANSWERED_BY_US = "answered by the harness"
"""Key in a flow's metadata: this answer is not the HMC's."""


class Rule(Protocol):
    """A command in force."""

    async def request(self, flow: HTTPFlow) -> str | None:
        """Before the HMC is asked."""
        ...

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """The HMC has answered."""
        ...

    def release(self) -> None:
        """Healed: whatever waits may go on."""
        ...


class _Passive:
    """What a rule does that has nothing to do at one of the moments."""

    async def request(self, flow: HTTPFlow) -> str | None:
        """Leave it."""
        del flow
        return None

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Leave it."""
        del flow, answer
        return None

    def release(self) -> None:
        """Nothing waits."""


@dataclass
class FreezeJobs(_Passive):
    """Jobs stay at ``running``.

    What the HMC itself calls running is left alone: only an answer that hides a job's progress is a witness.
    """

    match: RequestPattern

    async def request(self, flow: HTTPFlow) -> str | None:
        """Refuse to cancel or delete, as the HMC does for a job that can be neither (WS API: 404,4 and 409,40)."""
        job, _, rest = _job(flow.request.path)
        if not self._means(job):
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
        job, _, rest = _job(flow.request.path)
        if flow.request.method != "GET" or rest or not self._means(job) or answer.status_code != 200:
            return None
        told = _object(answer)
        status = told.get("status") if told else None
        if status is None or status == "running":
            return None
        answer.text = json.dumps({"status": "running"})
        return f"said that the job is running, although it is {status}"

    def _means(self, job: str) -> bool:
        # The pattern names jobs: its method does not restrict which operations on them are frozen.
        method = "GET" if self.match.method == "*" else self.match.method
        return bool(job) and self.match.matches(method, job)


def _job(path: str) -> tuple[str, str, str]:
    """A job's URI, and what follows it."""
    found = re.match(r"(/api/jobs/[^/?]+)(/?)([^?]*)", path)
    return (found[1], found[2], found[3]) if found else ("", "", "")


@dataclass
class AnswerWithError(_Passive):
    """The HMC is not asked."""

    match: RequestPattern
    status: int
    reason: int
    message: str

    async def request(self, flow: HTTPFlow) -> str | None:
        """Answer in the HMC's place."""
        if not _meant(self.match, flow.request):
            return None
        answer(flow, self.status, self.reason, self.message)
        return f"answered {self.status},{self.reason}"


@dataclass
class BreakJson(_Passive):
    """The last half of the answer is missing."""

    match: RequestPattern

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """Cut it; without its last bracket no object or list is JSON."""
        if not _meant(self.match, flow.request):
            return None
        body = answer.content or b""
        if not body.lstrip().startswith((b"{", b"[")):
            return None
        kept = body[: (len(body) + 1) // 2]
        answer.content = kept
        return f"cut the answer from {len(body)} to {len(kept)} bytes"


@dataclass
class ChangeContentType(_Passive):
    """The answer claims to be something else."""

    match: RequestPattern
    content_type: str

    def response(self, flow: HTTPFlow, answer: Response) -> str | None:
        """An answer without a body has no type to lie about."""
        was = answer.headers.get("content-type", "none")
        if not _meant(self.match, flow.request) or not answer.raw_content or was == self.content_type:
            return None
        answer.headers["content-type"] = self.content_type
        return f"changed the content type from {was} to {self.content_type}"


class DelayRequest(_Passive):
    """The request waits. Its witness comes when the wait is over, since only then has it been slow."""

    def __init__(self, match: RequestPattern, delay_s: float) -> None:
        self._match = match
        self._delay_s = delay_s
        self._released = asyncio.Event()

    async def request(self, flow: HTTPFlow) -> str | None:
        """Wait, unless it is healed before, or the client gives up."""
        if not _meant(self._match, flow.request):
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


def _meant(match: RequestPattern, request: Request) -> bool:
    return match.matches(request.method, request.path)


def _object(message: Response) -> Mapping[str, object] | None:
    try:
        found = json.loads(message.content or b"")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def answer(flow: HTTPFlow, status: int, reason: int, message: str) -> None:
    """Answer a request with an error body as the HMC's (WS API, "Error response bodies"), without asking the HMC."""
    path = flow.request.path.partition("?")[0]
    body = {
        "http-status": status,
        "reason": reason,
        "message": message,
        "request-method": flow.request.method,
        "request-uri": path,
        "request-headers": {},
        "request-authenticated-as": None,
    }
    flow.metadata[ANSWERED_BY_US] = True
    flow.response = Response.make(status, json.dumps(body), {"Content-Type": JSON})


def rule(command: commands.Command, speed: float) -> Rule:
    """The rule of a command. `speed`: how many of the agent's seconds pass in one of the wall's.

    Raises:
        ValueError: the command is none of ours.
    """
    match command:
        case commands.FreezeJobs(match=pattern):
            return FreezeJobs(pattern)
        case commands.AnswerWithError(match=pattern, status=status, reason=reason, message=message):
            return AnswerWithError(pattern, status, reason, message)
        case commands.BreakJson(match=pattern):
            return BreakJson(pattern)
        case commands.ChangeContentType(match=pattern, content_type=content_type):
            return ChangeContentType(pattern, content_type)
        case commands.DelayRequest(match=pattern, delay_s=delay_s):
            return DelayRequest(pattern, delay_s / speed)
    raise ValueError(f"mitmproxy does not carry out {type(command).__name__}")


Say = Callable[[Mapping[str, object]], None]
"""How the proxy process tells the harness something."""

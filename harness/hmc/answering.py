"""One request: read, tell the observer, carry out, tell the observer, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from aiohttp import web

from harness.hmc.bodies import read_body
from harness.hmc.encoding import as_bytes, packed
from harness.hmc.errors import HmcError, HmcGone, error_body
from harness.hmc.exchange import Answer, Call
from harness.hmc.http import SERVER_NAME, body_of
from harness.hmc.observer import HmcObserver
from harness.hmc.operations import REGISTRY, AnyOperation, Console, OpenOperation, in_steps
from harness.hmc.sessions import cut
from harness.hmc.turns import in_turns

GZIP_FROM_BYTES = 16 * 1024
"""Smaller answers are not worth while; ours, and so large that what a fault does to an answer can be read."""

LOGON_PATH = "/api/sessions"


class Answering:
    """Answers the requests to one console.

    `tell` tells what happened, and whether somebody listens who is to learn of it before the answer; `crashed` is told
    of what must not happen.
    """

    def __init__(
        self,
        console: Console,
        observer: HmcObserver,
        numbers: Iterator[int],
        tell: Callable[[], bool],
        crashed: Callable[[BaseException], None],
    ) -> None:
        self._console = console
        self._observer = observer
        self._numbers = numbers
        self._tell = tell
        self._crashed = crashed

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Read a request and carry it out.

        Raises:
            HmcGone: nobody is there any more who could be answered.
        """
        path = request.raw_path.partition("?")[0]
        operation = REGISTRY.find(request.method, path)
        body, refused = await read_body(request, operation, self._console.settings.limits.request_s)
        call = self._call(request, path, body)
        began_s = _now()
        answer = await self._answer(call, operation, refused)
        try:
            self._observer.on_answer(call.number, answer.status, answer.reason, _now() - began_s)
        except Exception as error:  # noqa: BLE001 - told to the observer; the client has nothing to do with it
            self._crashed(error)
        return await self._response(answer, "gzip" in request.headers.get("Accept-Encoding", ""))

    async def _response(self, answer: Answer, takes_gzip: bool) -> web.Response:
        headers = {"Server": SERVER_NAME, "Cache-Control": "no-cache", **answer.headers}
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        headers["Content-Type"] = answer.content_type
        made = as_bytes(answer.body)
        data = made if isinstance(made, bytes) else await in_turns(made)
        if takes_gzip and len(data) >= GZIP_FROM_BYTES:
            data = await in_turns(packed(data))
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            status=answer.status, headers=headers, body=body_of(data, self._console.settings.limits.request_s)
        )

    def _call(self, request: web.BaseRequest, path: str, body: object) -> Call:
        session_id = request.headers.get("X-API-Session")
        if session_id is None and path == LOGON_PATH and isinstance(body, dict):
            user = body.get("userid")
        else:
            user = self._console.sessions.user_of(session_id)
        return Call(
            number=next(self._numbers),
            method=request.method,
            uri=request.raw_path,
            path=path,
            headers=request.headers,
            session_id=session_id,
            body=body,
            user=cut(user) if isinstance(user, str) else "",
        )

    async def _answer(self, call: Call, operation: AnyOperation, refused: HmcError | None) -> Answer:
        try:
            await self._observer.on_request(call.number, call.method, call.path, call.user, call.shown_query)
            self._console.jobs.settle()
            return await self._carry_out(call, operation, refused)
        except HmcError as error:
            return _refusal(call, error)
        except HmcGone:
            raise
        except Exception as error:  # noqa: BLE001 - told to the observer: the trial cannot be trusted any more
            self._crashed(error)
            return _refusal(call, HmcError(500, 0, "Internal error of the mock HMC."))
        finally:
            if self._tell():
                await asyncio.sleep(self._console.settings.told_before_answer_s)

    async def _carry_out(self, call: Call, operation: AnyOperation, refused: HmcError | None) -> Answer:
        if isinstance(operation, OpenOperation):
            if refused:
                raise refused
            return operation.run(self._console, call)
        session = self._console.sessions.require(call.session_id)
        if refused:
            raise refused
        return await in_turns(in_steps(self._console, call, operation, session))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refusal(call: Call, error: HmcError) -> Answer:
    body = error_body(error, method=call.method, uri=call.uri, headers=call.headers, user=call.user, body=call.body)
    return Answer(status=error.status, body=body, reason=error.reason)

"""aiohttp's HTTP server, with the HMC's form for what is no HTTP: an error body, a closed connection, no traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import Payload, web
from aiohttp.abc import AbstractAccessLogger, AbstractStreamWriter
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import _ErrInfo  # not exported; what stands in the queue for what is no HTTP

from harness.hmc.encoding import BLOCK_BYTES, blocks
from harness.hmc.errors import HmcError, error_body
from harness.hmc.exchange import JSON

_LOG = logging.getLogger(__name__)

KEEPALIVE_S = 3600.0
"""An idle connection is not closed by the HMC, so that one that ends was ended by a client or a fault."""

LINGERING_S = 1.0
"""How long the rest of a body that was refused is read away, so that the client gets to read why."""

SERVER_NAME = "zSeries management console API web server / 2.0"
"""In every answer's Server header."""

NOT_HTTP = 1
"""Reason code of a 400 for a request that cannot be read."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _NoLog(AbstractAccessLogger):
    """Logs nothing: the observer is told of every request."""

    @property
    def enabled(self) -> bool:
        """Never."""
        return False

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Nothing."""


def body_of(data: bytes, within_s: float | None) -> bytes | Payload:
    """What aiohttp sends as this body: if it is large, in blocks, between which others have their turn.

    A client that takes longer than that for one of them is hung up on.
    """
    return data if len(data) <= BLOCK_BYTES else _Blocks(data, within_s)


class _Blocks(Payload):
    def __init__(self, data: bytes, within_s: float | None) -> None:
        super().__init__(data)
        self._within_s = within_s
        self._size = len(data)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """All of it as text."""
        return str(self._value, encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Encrypt and send it; who reads slowly is waited for."""
        for block in blocks(self._value):
            try:
                async with asyncio.timeout(self._within_s):
                    await writer.write(block)
            except TimeoutError as error:
                raise ConnectionAbortedError("the client does not read its answer") from error
            await asyncio.sleep(0)


class HmcHttp(web.Server):
    """Makes the protocol of each connection; used within the loop."""

    def __init__(self, handler: Handler, head_within_s: float | None) -> None:
        super().__init__(handler)
        self._head_within_s = head_within_s
        self._own_loop = asyncio.get_running_loop()

    def __call__(self) -> web.RequestHandler:
        """The protocol of a new connection."""
        return _Protocol(
            self,
            self._head_within_s,
            loop=self._own_loop,
            access_log_class=_NoLog,
            auto_decompress=False,  # aiohttp waits for ever for the rest of a deflate that is no zlib; see bodies.py
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=LINGERING_S,
        )


_END_OF_HEAD = (b"\n\r\n", b"\n\n")


class _Protocol(web.RequestHandler):
    """aiohttp's, which has no patience with half a head: it is hung up on when `_head_within_s` is over."""

    def __init__(
        self, manager: web.Server, head_within_s: float | None, *, loop: asyncio.AbstractEventLoop, **more: Any
    ):
        super().__init__(manager, loop=loop, **more)
        self._own_loop = loop
        self._head_within_s = head_within_s
        self._head_timer: asyncio.TimerHandle | None = None
        self._heard_s = loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TLS stands, and the first request is to come."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client is gone."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def silent_since_s(self) -> float | None:
        """Since when the client has not said what it has to say: a request, or the rest of a body."""
        return self._heard_s if self._is_idle() or self._owes_body() else None

    def _is_idle(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _owes_body(self) -> bool:
        if self._messages:
            return not self._messages[-1][1].is_eof()
        return self._current_request is not None and not self._current_request.content.is_eof()

    def _wait_for_head(self) -> None:
        if self._head_within_s is not None and self._head_timer is None and not (self._close or self._force_close):
            self._head_timer = self._own_loop.call_later(self._head_within_s, self._head_is_late)

    def _wait_no_longer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._is_idle():
            self.force_close()
        else:
            self._wait_for_head()  # what came before it is still being answered

    def data_received(self, data: bytes) -> None:
        """Bytes have come: nearly always all of a request, so nothing is done for that which can be left."""
        self._heard_s = self._own_loop.time()
        count = self._request_count
        in_body = (self._current_request is not None or bool(self._messages)) and self._owes_body()
        super().data_received(data)
        if self._request_count != count:
            if self._head_timer is not None:
                self._wait_no_longer()
            if self._messages[-1][1] is EMPTY_PAYLOAD and not data.endswith(_END_OF_HEAD):
                self._wait_for_head()  # the next one begins in the same bytes
        elif not in_body:
            self._wait_for_head()
        self._end_what_cannot_be_read()

    def _end_what_cannot_be_read(self) -> None:
        """Where bytes cannot be read, aiohttp forgets whose body they were in, and its reader waits."""
        if not self._messages or not isinstance(self._messages[-1][0], _ErrInfo):
            return
        bodies = [body for _, body in self._messages]
        if self._current_request is not None:
            bodies.append(self._current_request.content)
        for body in bodies:
            if not body.is_eof() and body.exception() is None:
                body.set_exception(web.RequestPayloadError("it ends in what cannot be read"))

    def log_exception(self, *args: object, **kw: object) -> None:
        """What cannot be read is raised once more when the rest of a body is read away: no defect of ours."""
        if isinstance(kw.get("exc_info"), web.RequestPayloadError):
            _LOG.info("not HTTP: %r", kw["exc_info"])
        else:
            super().log_exception(*args, **kw)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what cannot be read; what is our own fault is aiohttp's business."""
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        _LOG.info("not HTTP: %r", exc)
        error = HmcError(status, NOT_HTTP, f"The request cannot be read: {type(exc).__name__}")
        body = error_body(error, method=request.method, uri=request.raw_path, headers={}, user="", body=None)
        headers = {"Content-Type": JSON, "Server": SERVER_NAME}
        response = web.Response(status=status, body=json.dumps(body).encode(), headers=headers)
        response.force_close()
        return response

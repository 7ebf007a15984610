"""aiohttp's HTTP server, with the HMC's form for what is no HTTP: an error body, a closed connection, no traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import Payload, web
from aiohttp.abc import AbstractAccessLogger, AbstractStreamWriter
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


def body_of(data: bytes) -> bytes | Payload:
    """What aiohttp sends as this body: if it is large, in blocks, between which others have their turn."""
    return data if len(data) <= BLOCK_BYTES else _Blocks(data)


class _Blocks(Payload):
    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._size = len(data)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """All of it as text."""
        return str(self._value, encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Encrypt and send it; who reads slowly is waited for."""
        for block in blocks(self._value):
            await writer.write(block)
            await asyncio.sleep(0)


class HmcHttp(web.Server):
    """Makes the protocol of each connection; used within the loop."""

    def __init__(self, handler: Handler) -> None:
        super().__init__(handler)
        self._own_loop = asyncio.get_running_loop()

    def __call__(self) -> web.RequestHandler:
        """The protocol of a new connection."""
        return _Protocol(
            self,
            loop=self._own_loop,
            access_log_class=_NoLog,
            auto_decompress=False,  # aiohttp waits for ever for the rest of a deflate that is no zlib; see bodies.py
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=LINGERING_S,
        )


class _Protocol(web.RequestHandler):
    def data_received(self, data: bytes) -> None:
        """Bytes have come. Where they cannot be read, aiohttp forgets whose body they were in, and its reader waits."""
        super().data_received(data)
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

"""The control interface over HTTP: ``POST /WORD`` with a JSON object of the word's parameters, on loopback only.

The answer is ``{"result": ...}``, or ``{"error": "what is wrong"}`` with status 400 or 404. ``GET /`` tells the words.
Whoever can reach the port may do everything, so it is plain HTTP on loopback, and a page in a browser cannot use it: it
would have to send JSON to another host's name, which is refused.
"""

from __future__ import annotations

import ipaddress
import json

from aiohttp import web

from harness.errors import BadInput
from harness.hmc.control.table import WORDS, Word
from harness.hmc.control.words import Control

BODY_LIMIT_BYTES = 1024 * 1024


class ControlServer:
    """Listens for words and lets `control` carry them out."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int = 0) -> int:
        """Listen; the port.

        Raises:
            BadInput: the address is not on loopback.
            OSError: it cannot be bound.
        """
        if not ipaddress.ip_address(host).is_loopback:
            raise BadInput(f"the control interface cannot listen on {host}: it is for this machine only; use 127.0.0.1")
        application = web.Application(client_max_size=BODY_LIMIT_BYTES)
        application.router.add_get("/", self._tell)
        application.router.add_post("/{word}", self._do)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Listen no more. Safe to call twice."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _tell(self, request: web.Request) -> web.Response:
        _check_host(request)
        return web.json_response({word.name: _described(word) for word in WORDS.values()})

    async def _do(self, request: web.Request) -> web.Response:
        try:
            _check_host(request)
            word = _word(request.match_info["word"])
            return web.json_response({"result": await word.carry_out(self._control, await _parameters(request))})
        except BadInput as error:
            return web.json_response({"error": str(error)}, status=400)


def _described(word: Word) -> dict[str, object]:
    return {
        "says": word.says,
        "parameters": {item.name: {"type": item.kind.__name__, "required": item.required} for item in word.parameters},
    }


def _word(name: str) -> Word:
    if name not in WORDS:
        raise BadInput(f"there is no word {name!r}; there are {', '.join(WORDS)}")
    return WORDS[name]


async def _parameters(request: web.Request) -> dict[str, object]:
    if request.content_type != "application/json":
        raise BadInput("send the parameters as application/json; {} where there are none")
    try:
        told = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the parameters are no JSON: {error}") from error
    if not isinstance(told, dict):
        raise BadInput("the parameters have to be one JSON object")
    return told


def _check_host(request: web.Request) -> None:
    host = request.url.host or ""
    try:
        good = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        good = False
    if not good:
        raise web.HTTPForbidden(text="the control interface is reached by its loopback address only")

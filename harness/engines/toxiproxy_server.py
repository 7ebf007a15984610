"""A Toxiproxy server and its API: found or started, asked through toxiproxy-python, never from within the loop.

toxiproxy-python keeps the server's address in class state, has no timeouts, obeys the environment's HTTP proxies and
takes a failing server's answer for a good one. Its `APIConsumer` is used, with all four mended; nothing else of it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from toxiproxy import Toxiproxy as Library
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from harness.engines import toxiproxy_leftovers
from harness.engines.relay.listener import require_loopback
from harness.errors import AgentNotStartable, EngineFailed
from harness.guard.guarded import Guarded, Program, Watcher

API_PORT = 8474
"""Toxiproxy's own; each server that we start has an address 127.x.y.z for itself."""
ANSWER_S = 5.0
READY_S = 20.0
POLL_S = 0.01
STOP_S = 2.0
ADDRESSES_TRIED = 20
LAST_WORDS_BYTES = 2000
NAMES = ("toxiproxy-server", "server")
"""What the program may be called: `go install` names it after its folder."""
HOW_TO_GET_ONE = "type: make toxiproxy (it needs Go), put toxiproxy-server into the PATH, or set TOXIPROXY_URL"
_BOUND_BY_ANOTHER = b"Server finished with error"
_NO_PROXY: Mapping[str, None] = {"http": None, "https": None, "all": None}

_library = threading.Lock()
"""The library's address is one for the process."""


def find_program(tools: Path) -> Path | None:
    """The server's program: in the project's tools folder, or in the PATH."""
    places = [tools.absolute() / NAMES[0], *(Path(found) for name in NAMES if (found := shutil.which(name)))]
    return next((place for place in places if place.is_file() and _is_toxiproxy(place)), None)


def _is_toxiproxy(program: Path) -> bool:
    """Many programs are called `server`; this one says what it is."""
    try:
        said = subprocess.run([program, "-version"], capture_output=True, timeout=ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.startswith(b"toxiproxy-server version")


class ToxiproxyServer:
    """A server that answers. Made by `find_or_start` only."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.prefix = toxiproxy_leftovers.new_prefix()
        """With this the names of all proxies begin that are made through this object."""
        self.on_end: Callable[[str], None] = lambda _: None
        """Told, in words, when a server that we have started ends unasked."""
        self._process: Guarded | None = None
        self._keeper: Guarded | None = None
        self._output = b""
        self._ended = ""

    @classmethod
    async def find_or_start(cls, tools: Path) -> Self:
        """The server of TOXIPROXY_URL if that is set, or one of our own behind a guard.

        Raises:
            EngineFailed: there is none; says how to get one.
        """
        if url := os.environ.get("TOXIPROXY_URL"):
            return await cls._running(url)
        program = await asyncio.to_thread(find_program, tools)
        if program is None:
            raise EngineFailed(f"there is no Toxiproxy server; {HOW_TO_GET_ONE}")
        return await cls._start(program)

    @classmethod
    async def _running(cls, url: str) -> Self:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host = "127.0.0.1" if parts.hostname in (None, "localhost") else str(parts.hostname)
        require_loopback(host)  # it has to reach the trial's HMC, and nothing here leaves the loopback
        self = cls(host, parts.port or API_PORT)
        try:
            await self.ask("GET", "/version")
        except EngineFailed as error:
            raise EngineFailed(f"TOXIPROXY_URL={url}: {error}; start the server there, or unset it") from error
        await self._sweep()
        # Nobody ends this server with us, so somebody has to stay who takes off what we put there.
        self._keeper = await toxiproxy_leftovers.keep(host, self.port, self.prefix, self._give_up)
        return self

    async def _sweep(self) -> None:
        """Take off what killed runs have left, where nobody could do so at once."""
        for name in toxiproxy_leftovers.abandoned(await self.ask("GET", "/proxies")):
            with contextlib.suppress(EngineFailed):  # another worker was faster
                await self.ask("DELETE", f"/proxies/{name}")

    @classmethod
    async def _start(cls, program: Path) -> Self:
        # The choice of the address is no part of a plan, so it takes no part in a seed.
        chance = random.SystemRandom()
        for _ in range(ADDRESSES_TRIED):
            host = f"127.{chance.randint(1, 127)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
            self = cls(host, API_PORT)
            try:
                if await self._launch(program):
                    return self
            except BaseException:
                await self.close()
                raise
            await self.close()
        raise EngineFailed(f"Toxiproxy found no free address in {ADDRESSES_TRIED} tries; it said: {self._words()}")

    async def _launch(self, program: Path) -> bool:
        """Whether it answers; False if somebody else has its address."""
        argv = [str(program), "-host", self.host, "-port", str(self.port)]
        watcher = Watcher(
            on_start=lambda _: None, on_output=self._on_output, on_exit=self._on_exit, on_crash=self._give_up
        )
        try:
            self._process = await Guarded.start(Program(argv=argv, env={"LOG_LEVEL": "error"}, cwd=Path("/")), watcher)
            async with asyncio.timeout(READY_S):
                return await self._ready()
        except (AgentNotStartable, TimeoutError) as error:
            why = str(error) or f"no answer in {READY_S:g} s"
            raise EngineFailed(f"Toxiproxy did not start: {why}{self._words()}") from error

    async def _ready(self) -> bool:
        while True:
            if _BOUND_BY_ANOTHER in self._output:
                return False
            if self._ended:
                raise EngineFailed(f"Toxiproxy did not start: {self._ended}")
            try:
                await self.ask("GET", "/version")
            except EngineFailed:
                await asyncio.sleep(POLL_S)  # it does not tell when it listens
            else:
                return _BOUND_BY_ANOTHER not in self._output

    @property
    def pid(self) -> int:
        """The process id of a server that we have started, or 0."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """It can be asked; if not, close it and find another."""
        return not self._ended

    async def ask(self, method: str, path: str, json: Mapping[str, object] | None = None) -> Mapping[str, Any]:
        """Ask the API; returns what it answers, an empty mapping if that is no JSON object.

        Raises:
            EngineFailed: it does not answer, or says no; the text says which.
        """
        if self._ended:
            raise EngineFailed(f"Toxiproxy is of no use any more: {self._ended}")
        try:
            return await asyncio.to_thread(self._ask, method, path, json)
        except (requests.RequestException, ProxyExists, NotFound, InvalidToxic) as error:
            raise EngineFailed(f"Toxiproxy at {self.host}:{self.port}, {method} {path}: {_said(error)}") from error

    def _ask(self, method: str, path: str, json: Mapping[str, object] | None) -> Mapping[str, Any]:
        with _library:
            Library().update_api_consumer(self.host, self.port)
            options: dict[str, Any] = {"timeout": ANSWER_S, "proxies": _NO_PROXY}
            if method == "POST":
                answer = APIConsumer.post(path, json=json, **options)
            else:
                answer = (APIConsumer.get if method == "GET" else APIConsumer.delete)(path, **options)
        answer.raise_for_status()
        is_json = "json" in answer.headers.get("Content-Type", "")
        found = answer.json() if is_json and answer.content else {}
        return found if isinstance(found, dict) else {}

    async def close(self) -> None:
        """End a server that we have started, and take off what we put on another. Idempotent."""
        self._ended = self._ended or "it was closed"
        started = [process for process in (self._process, self._keeper) if process is not None]
        self._process = self._keeper = None
        for process in started:
            await process.stop(STOP_S)

    def _on_output(self, _stream: str, data: bytes) -> None:
        self._output = (self._output + data)[-LAST_WORDS_BYTES:]

    def _on_exit(self, status: int, asked: bool) -> None:
        del asked  # of the guard; what counts is whether we asked for it
        self._give_up(f"its process ended with status {status}{self._words()}")

    def _give_up(self, words: str) -> None:
        if not self._ended:
            self._ended = words
            self.on_end(words)

    def _words(self) -> str:
        last = self._output.decode(errors="replace").strip()
        return f"; it last said: {last}" if last else ""


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace").strip() if isinstance(said, bytes) else str(error)

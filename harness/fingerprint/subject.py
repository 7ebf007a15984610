"""Our side of the client's process."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from harness.errors import EngineFailed
from harness.guard.guarded import Guarded, Program, Watcher

SCRIPT = Path(__file__).with_name("zhmc_subject.py")
START_S = 30.0
STOP_S = 0.2


class Subject:
    """A process that does what it is told, as long as it takes. Made by `start` only."""

    def __init__(self) -> None:
        self.version = ""
        self._process: Guarded | None = None
        self._said: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        self._out = b""
        self._err = b""

    @classmethod
    async def start(cls, python: str, environment: Mapping[str, str]) -> Self:
        """Start one with this Python, and these variables more than it needs.

        Raises:
            EngineFailed: it has no zhmcclient, or cannot be started.
        """
        self = cls()
        # Proxies and certificates of the environment would be the environment's behaviour, not the client's.
        env = {"PATH": os.environ.get("PATH", ""), "HOME": tempfile.gettempdir(), "NO_PROXY": "*", **environment}
        watcher = Watcher(
            on_start=lambda _pid: None,
            on_output=self._on_output,
            on_exit=lambda _status, _asked: self._said.put_nowait({}),
            on_crash=lambda _words: None,
        )
        program = Program(argv=[python, "-I", str(SCRIPT)], env=env, cwd=Path("/"))
        self._process = await Guarded.start(program, watcher, with_stdin=True)
        try:
            await self._greet(python)
        except BaseException:  # also where somebody calls this start off
            await self.close()
            raise
        return self

    async def _greet(self, python: str) -> None:
        said = await self._next(START_S)
        if not said:
            last = self._err.decode(errors="replace").strip().rpartition("\n")[2]
            raise EngineFailed(f"{python} does not run {SCRIPT.name}: {last or 'it says nothing'}")
        self.version = str(said["version"])

    async def tell(self, within_s: float, **order: object) -> Mapping[str, object] | None:
        """Give an order; what came of it. None: there was no end in this time; nothing: its process is gone.

        In both cases it has to be closed.
        """
        assert self._process is not None  # noqa: S101 - `start` has made it
        self._process.write(json.dumps(order).encode() + b"\n")
        return await self._next(within_s)

    async def close(self) -> None:
        """End it."""
        if self._process is not None:
            await self._process.stop(STOP_S)

    async def _next(self, within_s: float) -> Mapping[str, object] | None:
        try:
            async with asyncio.timeout(within_s):
                return await self._said.get()
        except TimeoutError:
            return None

    def _on_output(self, stream: str, data: bytes) -> None:
        if stream == "stderr":
            self._err = (self._err + data)[-2000:]
            return
        *lines, self._out = (self._out + data).split(b"\n")
        for line in lines:
            self._said.put_nowait(json.loads(line))

"""One guarded process of a server: what it prints goes into a file, and its end is noticed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from harness.errors import AgentNotStartable, EngineFailed
from harness.guard.guarded import Guarded, Program, Watcher

OnEnd = Callable[[str], None]
"""Told, in words, when a process ends that nobody has asked to."""

STOP_S = 5.0
"""From SIGTERM to SIGKILL: nothing is lost with a run's server."""

POLL_S = 0.05
LAST_WORDS_BYTES = 2000


class Servant:
    """A process behind a guard. Made by `start` only."""

    def __init__(self, name: str, log: Path, on_end: OnEnd) -> None:
        self.name = name
        self._on_end = on_end
        self._asked = False
        self._log = log
        self._out = log.open("ab")
        self._began = self._out.tell()
        """Where this one's words begin: one that is started again writes on in the same log."""
        self._process: Guarded | None = None
        self.ended = asyncio.Event()
        """It is gone, whoever ended it."""

    @classmethod
    async def start(
        cls, name: str, argv: Sequence[str], env: Mapping[str, str], folder: Path, on_end: OnEnd = lambda _: None
    ) -> Self:
        """Execute it in this folder, where its log file will lie.

        Raises:
            EngineFailed: it cannot be executed.
        """
        self = cls(name, folder / f"{name}.log", on_end)
        watcher = Watcher(
            on_start=lambda _: None,
            on_output=lambda _, data: self._write(data),
            on_exit=lambda _, __: self._gone(),
            on_crash=lambda _: self._gone(),
        )
        try:
            self._process = await Guarded.start(Program(argv=argv, env=env, cwd=folder), watcher)
        except AgentNotStartable as error:
            self._out.close()
            raise EngineFailed(f"{name} cannot be started: {error}") from error
        return self

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid if self._process else 0

    async def ready(self, answers: Callable[[], Awaitable[bool]], within_s: float) -> None:
        """Wait until it answers.

        Raises:
            EngineFailed: it ended, or did not answer in time; quotes its last words.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.ended.is_set():
                    if await answers():
                        return
                    await asyncio.sleep(POLL_S)
        why = "ended" if self.ended.is_set() else f"was not ready in {within_s:g} s"
        raise EngineFailed(f"{self.name} {why}; it last said:\n{self.last_words()}")

    def said(self, words: bytes) -> bool:
        """Whether it has printed these."""
        return words in self._log.read_bytes()[self._began :]

    def last_words(self) -> str:
        """The end of what it has printed."""
        return self._log.read_bytes()[self._began :][-LAST_WORDS_BYTES:].decode(errors="replace").strip() or "nothing"

    async def stop(self) -> None:
        """End it and all that it has started. Idempotent."""
        self._asked = True
        process, self._process = self._process, None
        if process is not None:
            await process.stop(STOP_S)
        self._out.close()

    def _gone(self) -> None:
        self.ended.set()
        if not self._asked:
            self._on_end(f"{self.name} ended by itself; it last said:\n{self.last_words()}")

    def _write(self, data: bytes) -> None:
        if not self._out.closed:
            self._out.write(data)
            self._out.flush()


async def accepts(host: str, port: int) -> bool:
    """Somebody listens there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True

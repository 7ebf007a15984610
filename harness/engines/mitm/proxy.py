"""Our side of the L7 engine."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

from harness.core.commands import Command
from harness.core.events import ComponentCrashed, Event, Leftover, Strayed, Touched
from harness.core.interfaces import Recorder
from harness.engines.mitm import wire
from harness.errors import AgentNotStartable, EngineFailed
from harness.guard.guarded import Guarded, Program, Watcher

COMPONENT = "mitmproxy"
READY_S = 30.0
"""Its import takes half a second on an idle machine, several on a busy one."""
ANSWER_S = 10.0
STOP_S = 2.0
LAST_WORDS_BYTES = 4000
"""Of its standard error, so much is kept for the words of a crash."""
_ROOT = Path(__file__).resolve().parents[3]


class MitmProxy:
    """mitmproxy in a guarded process: serves one trial after another. Made by `start` only."""

    CARRIES: ClassVar[frozenset[type[Command]]] = wire.CARRIES
    """What it carries out."""

    def __init__(self, on_crash: Callable[[str], None]) -> None:
        self._on_crash = on_crash
        self._recorder: Recorder | None = None
        self._process: Guarded | None = None
        self._ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting: dict[int, asyncio.Future[wire.Message]] = {}
        self._asked = 0
        self._out = b""
        self._err = b""
        self._confdir = ""
        self._ended = ""
        """Why it cannot be used any more."""

    @classmethod
    async def start(
        cls, *, ca_pem: bytes, upstream_ca_pem: bytes, on_crash: Callable[[str], None] = lambda _: None
    ) -> Self:
        """Start the process, once a worker.

        `ca_pem` is key and certificate of the run's throwaway authority, with which mitmproxy makes its own
        certificates; `upstream_ca_pem` the certificate against which the HMC's is checked. `on_crash` is told, in
        words, when the process ends unasked: this object is of no use then (`alive` says so as well), and a new one
        has to be started. The recorder of the trial that is attached is told in any case.

        Raises:
            EngineFailed: it did not come up; says why. Nothing is left behind.
        """
        self = cls(on_crash)
        watcher = Watcher(
            on_start=lambda _pid: None, on_output=self._on_output, on_exit=self._on_exit, on_crash=self._crashed
        )
        try:
            self._process = await Guarded.start(_program(), watcher, with_stdin=True)
            certificates = {"ca": ca_pem.decode(), "upstream_ca": upstream_ca_pem.decode()}
            self._process.write(wire.line(certificates))
            async with asyncio.timeout(READY_S):
                self._confdir = await self._ready
        except (AgentNotStartable, OSError) as error:  # TimeoutError is an OSError
            await self.close()
            why = str(error) or "it did not become ready"
            raise EngineFailed(f"mitmproxy did not start: {why}{self._words()}") from error
        except BaseException:
            await self.close()
            raise
        return self

    @property
    def pid(self) -> int:
        """The process id of mitmproxy itself, not of its guard."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """It can serve a trial; if not, close it and start another."""
        return not self._ended

    async def attach(
        self,
        recorder: Recorder,
        *,
        listen_host: str,
        upstream: tuple[str, int],
        known_as: str = "",
        speed: float = 1.0,
    ) -> int:
        """Serve a trial: listen on a port of `listen_host`, pass requests on to `upstream`; returns the port.

        `known_as` is the name that clients are told, if they are: certificates are issued for it and for the address.
        `speed` says how many of the agent's seconds pass in one of the wall's: a command's durations are the agent's.

        Raises:
            EngineFailed: it cannot listen there, or has gone.
        """
        if self._recorder is not None:
            raise EngineFailed("mitmproxy is still attached to another trial; detach it first")
        self._recorder = recorder
        try:
            names = sorted({listen_host, known_as or listen_host})
            answer = await self._ask(
                do="attach", listen_host=listen_host, upstream=upstream, known_as=names, speed=float(speed)
            )
        except BaseException:
            self._recorder = None
            raise
        port = answer["port"]
        assert isinstance(port, int)  # noqa: S101 - our own process says so
        return port

    async def begin(self, step: int, command: Command) -> None:
        """See `Engine.begin`."""
        if type(command) not in self.CARRIES:
            raise EngineFailed(f"mitmproxy does not carry out {type(command).__name__}")
        await self._ask(do="begin", step=step, command=wire.encode(command))

    async def heal(self, step: int) -> None:
        """See `Engine.heal`."""
        await self._ask(do="heal", step=step)

    async def detach(self) -> None:
        """End the trial: no fault, no listener and no connection is left; ready for the next one.

        Raises:
            EngineFailed: it could not, or has gone. It was ended, and `on_crash` was told.
        """
        if self._recorder is None:
            return
        try:
            await self._ask(do="detach")
        except EngineFailed as error:
            self._give_up(str(error))
            await self.close()
            raise
        finally:
            self._recorder = None

    async def close(self) -> None:
        """End the process. Idempotent; works in any state."""
        self._ended = self._ended or "it was closed"
        if self._process is not None:
            for what in await self._process.stop(STOP_S):
                self._record(Leftover(what=f"mitmproxy: {what}"))
        if not self._ready.cancel() and not self._ready.cancelled():
            self._ready.exception()  # `start` has raised it, or something that came before it
        self._forget()

    async def _ask(self, **message: object) -> wire.Message:
        if self._ended or self._process is None:
            raise EngineFailed(f"mitmproxy is of no use any more: {self._ended}")
        self._asked += 1
        number = self._asked
        answer: asyncio.Future[wire.Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._process.write(wire.line({"id": number, **message}))
            async with asyncio.timeout(ANSWER_S):
                said = await answer
        except OSError as error:  # TimeoutError is one
            self._give_up(f"it did not answer to {message['do']!r}: {str(error) or 'not in time'}{self._words()}")
            raise EngineFailed(f"mitmproxy: {self._ended}") from error
        finally:
            del self._waiting[number]
        if "error" in said:
            raise EngineFailed(f"mitmproxy could not {message['do']}: {said['error']}")
        return said

    # What the process says

    def _on_output(self, stream: str, data: bytes) -> None:
        if stream == "stderr":
            self._err = (self._err + data)[-LAST_WORDS_BYTES:]
            return
        *lines, self._out = (self._out + data).split(b"\n")
        for text in lines:
            try:
                self._on_message(wire.parse(text))
            except ValueError as error:
                self._crashed(f"it said what is no message: {error}")

    def _on_message(self, message: wire.Message) -> None:
        match message:
            case {"touched": int(step), "what": str(what), "over": bool(over)}:
                self._record(Touched(step=step, what=what, amount=int(over), over=over))
            case {"strayed": str(where), "method": str(method), "path": str(path), "secret": str(secret)}:
                self._record(Strayed(where=where, method=method, path=path, secret=secret))
            case {"answer": int(number)}:
                if (future := self._waiting.get(number)) is not None and not future.done():
                    future.set_result(message)
            case {"ready": str(confdir)}:
                if not self._ready.done():
                    self._ready.set_result(confdir)
            case {"crashed": str(words)} if not self._ready.done():
                # mitmproxy goes on though an addon of its own could not start, for want of a certificate for example.
                self._ready.set_exception(EngineFailed(f"mitmproxy did not start: {words}"))
            case {"crashed": str(words)} if self._recorder is None:
                self._give_up(f"it failed between two trials: {words}")
            case {"crashed": str(words)}:
                self._crashed(words)

    def _crashed(self, words: str) -> None:
        self._record(ComponentCrashed(component=COMPONENT, error=words))

    def _record(self, event: Event) -> None:
        if self._recorder is not None:
            self._recorder.record(event)

    def _on_exit(self, status: int, asked: bool) -> None:
        del asked  # of the guard; what counts is whether we asked for it
        self._give_up(f"its process ended with status {status}{self._words()}")
        failed = EngineFailed(f"mitmproxy: {self._ended}")
        if not self._ready.done():
            self._ready.set_exception(failed)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(failed)
        self._forget()

    def _give_up(self, words: str) -> None:
        """Of no use any more, and nobody asked for that."""
        if not self._ended:
            self._ended = words
            self._crashed(words)
            if self._confdir:  # it was ready once: `start` raises what comes before
                self._on_crash(words)

    def _forget(self) -> None:
        if self._confdir:
            # It removes this itself, unless it was killed.
            shutil.rmtree(self._confdir, ignore_errors=True)

    def _words(self) -> str:
        last = self._err.decode(errors="replace").strip()
        return f"; it last said: {last}" if last else ""


def _program() -> Program:
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env |= {"PYTHONPATH": str(_ROOT), "HOME": tempfile.gettempdir()}
    argv = [sys.executable, "-m", "harness.engines.mitm.proxy_main"]
    return Program(argv=argv, env=env, cwd=Path("/"))

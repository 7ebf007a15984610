"""Our side of a guarded process: start it, read what it prints, notice its end at once, stop it."""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from harness.errors import AgentNotStartable
from harness.guard.guard import KILL_S, NO_STDIN

GUARD = Path(__file__).with_name("guard.py")
LEASE_GRACE_S = 2.0
"""Grace after our own death, when nobody is left to say how long: see `Guarded.stop` for the ordinary way."""
START_S = 30.0
"""The guard's start takes 30 ms; a machine that needs longer than this is not able to run a trial."""
MARGIN_S = 5.0
"""How much longer than it should need we wait for the guard, before we believe that it is stuck."""
READ_BYTES = 65536  # what a pipe holds: pipe(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to execute. Nothing of our own environment is inherited: `env` is all of it."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told. All calls come from the event loop, in the order of what happened."""

    on_start: Callable[[int], None]
    """It runs, with this process id."""
    on_output: Callable[[str, bytes], None]
    """Bytes that came on ``stdout`` or ``stderr``; empty bytes once that stream has ended."""
    on_exit: Callable[[int, bool], None]
    """Status (or minus the signal's number), and whether it had been told to stop. All that it printed came before."""
    on_crash: Callable[[str], None]
    """The guard itself failed; says how. `on_exit` follows."""


@dataclass(slots=True)
class _Ends:
    """The file descriptors of a start: ours stay, theirs are closed once the guard has them."""

    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)

    def pipe(self, name: str, *, we_write: bool) -> None:
        read, write = os.pipe()
        self.ours[name], self.theirs[name] = (write, read) if we_write else (read, write)
        os.set_blocking(self.ours[name], False)

    @staticmethod
    def close(ends: dict[str, int]) -> None:
        while ends:
            os.close(ends.popitem()[1])


class Guarded:
    """A process behind a guard. Made by `start` only."""

    def __init__(self, watcher: Watcher) -> None:
        self.pid = 0
        self.status: int | None = None
        self.exited = asyncio.Event()
        self._watcher = watcher
        self._ends = _Ends()
        self._loop = asyncio.get_running_loop()
        self._guard: subprocess.Popen[bytes] | None = None
        self._guard_pidfd = -1
        self._over = asyncio.Event()
        """The guard is gone and reaped, and nothing of ours is open any more."""
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._status_text = b""
        self._survivors: list[int] | None = None

    @classmethod
    async def start(cls, program: Program, watcher: Watcher, *, with_stdin: bool = False) -> Self:
        """Execute a program; returns when it runs.

        Raises:
            AgentNotStartable: it cannot be executed; says why. Nothing is left behind.
        """
        self = cls(watcher)
        try:
            self._launch(program, with_stdin=with_stdin)
            async with asyncio.timeout(START_S):
                await self._started
        except AgentNotStartable:
            await self._abandon()
            raise
        except OSError as error:  # TimeoutError is one
            await self._abandon()
            raise AgentNotStartable(f"its guard cannot be started: {str(error) or 'no answer'}") from error
        except BaseException:
            await self._abandon()
            raise
        self._listen("stdout", "stderr")
        return self

    @property
    def guard_pid(self) -> int:
        """The guard's process id; 0 once it is gone. A descendant whose parent ends becomes its child."""
        return 0 if self._guard is None or self._over.is_set() else self._guard.pid

    def write(self, data: bytes) -> None:
        """To the process's standard input, which must have been asked for.

        Raises:
            OSError: it has gone, or does not read.
        """
        if "stdin" not in self._ends.ours:
            raise BrokenPipeError("the process has gone")
        if os.write(self._ends.ours["stdin"], data) != len(data):
            raise BlockingIOError("the process does not read its standard input")

    async def stop(self, grace_s: float) -> list[str]:
        """SIGTERM, so much grace, SIGKILL, to it and all its descendants. Returns what survived, in words."""
        lease = self._ends.ours.get("lease")
        if lease is not None:
            with contextlib.suppress(OSError):
                os.write(lease, f"stop {grace_s}\n".encode())
        return await self._end(grace_s + KILL_S + MARGIN_S)

    async def _abandon(self) -> None:
        """Nobody wants it any more: the end of the lease tells the guard."""
        if self._started.done() and not self._started.cancelled():
            self._started.exception()
        if self._guard is None:
            self._ends.close(self._ends.theirs)
            self._ends.close(self._ends.ours)
            return
        self._close("lease")
        await self._end(LEASE_GRACE_S + KILL_S + MARGIN_S)

    async def _end(self, within_s: float) -> list[str]:
        try:
            async with asyncio.timeout(within_s):
                await self._over.wait()
        except TimeoutError:
            if self._guard is not None:
                self._guard.kill()  # the kernel then kills the child
            await self._over.wait()
            return [f"the guard of process {self.pid} did not end in {within_s:.0f} s and had to be killed"]
        return [f"process {pid}, which survived SIGKILL" for pid in self._survivors or ()]

    # Start

    def _launch(self, program: Program, *, with_stdin: bool) -> None:
        for name in ("stdout", "stderr", "status"):
            self._ends.pipe(name, we_write=False)
        for name in ("lease", *(("stdin",) if with_stdin else ())):
            self._ends.pipe(name, we_write=True)
        theirs = self._ends.theirs
        passed = [theirs["status"], *([theirs["stdin"]] if with_stdin else [])]
        stdin = str(theirs.get("stdin", NO_STDIN))
        guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), str(theirs["status"]), stdin, str(LEASE_GRACE_S)],
            stdin=theirs["lease"],
            stdout=theirs["stdout"],
            stderr=theirs["stderr"],
            pass_fds=passed,
            start_new_session=True,
        )
        self._ends.close(theirs)
        try:
            self._guard_pidfd = os.pidfd_open(guard.pid)  # Linux 5.3
        except OSError:
            guard.kill()
            guard.wait()
            raise
        self._guard = guard
        self._loop.add_reader(self._guard_pidfd, self._on_guard_end)
        self._listen("status")
        self._hand_over(program)

    def _hand_over(self, program: Program) -> None:
        spec = {"argv": list(program.argv), "env": dict(program.env), "cwd": str(program.cwd)}
        lease = self._ends.ours["lease"]
        # A specification may be larger than a pipe; the guard reads it at once.
        os.set_blocking(lease, True)
        with contextlib.suppress(BrokenPipeError):
            _write_all(lease, json.dumps(spec).encode() + b"\n")
        os.set_blocking(lease, False)

    # Reading

    def _listen(self, *names: str) -> None:
        for name in names:
            if name in self._ends.ours:
                self._loop.add_reader(self._ends.ours[name], self._on_readable, name)

    def _on_readable(self, name: str) -> None:
        try:
            data = os.read(self._ends.ours[name], READ_BYTES)
        except BlockingIOError:  # drained since the loop saw that there is something
            return
        if not data:
            self._close(name)
        self._take(name, data)

    def _take(self, name: str, data: bytes) -> None:
        if name != "status":
            self._watcher.on_output(name, data)
            return
        *lines, self._status_text = (self._status_text + data).split(b"\n")
        for line in lines:
            self._on_status(json.loads(line))

    def _close(self, name: str) -> None:
        fd = self._ends.ours.pop(name, None)
        if fd is not None:
            self._loop.remove_reader(fd)
            os.close(fd)

    def _drain(self) -> None:
        """Read what is in the pipes at this moment. A descendant may hold them open, so their end may be far."""
        for name in ("stdout", "stderr"):
            waiting = _bytes_in(self._ends.ours[name]) if name in self._ends.ours else 0
            while waiting > 0 and name in self._ends.ours:
                data = os.read(self._ends.ours[name], min(waiting, READ_BYTES))
                waiting -= len(data)
                self._take(name, data)

    # What the guard says

    def _on_status(self, said: Mapping[str, object]) -> None:
        match said:
            case {"started": int(pid)}:
                self.pid = pid
                self._watcher.on_start(pid)
                if not self._started.done():
                    self._started.set_result(None)
            case {"failed": int(number), "doing": str(doing)}:
                if not self._started.done():
                    words = os.strerror(number) if number else "see before"
                    self._started.set_exception(AgentNotStartable(f"{doing}: {words}"))
            case {"exited": int(status), "asked": bool(asked)}:
                self._on_exit(status, asked=asked)
            case {"gone": list(survivors)}:
                self._survivors = survivors

    def _on_exit(self, status: int, *, asked: bool) -> None:
        if self.status is not None:
            return
        self._drain()
        self.status = status
        self.exited.set()
        self._watcher.on_exit(status, asked)

    def _on_guard_end(self) -> None:
        self._loop.remove_reader(self._guard_pidfd)
        os.close(self._guard_pidfd)
        status = self._guard.wait() if self._guard else 0
        self._read_rest("status")
        if not self._started.done():
            words = self._read_rest("stderr").decode(errors="replace").strip().rpartition("\n")[2]
            self._started.set_exception(AgentNotStartable(f"its guard ended with status {status}: {words}"))
        elif self.pid and self._survivors is None:
            self._clear_up_after_guard(status)
        self._drain()
        self.exited.set()
        for name in list(self._ends.ours):
            if name in ("stdout", "stderr"):
                self._watcher.on_output(name, b"")
            self._close(name)
        self._over.set()

    def _read_rest(self, name: str) -> bytes:
        rest = b""
        with contextlib.suppress(BlockingIOError):
            while name in self._ends.ours and (data := os.read(self._ends.ours[name], READ_BYTES)):
                rest += data
                if name == "status":
                    self._take(name, data)
        return rest

    def _clear_up_after_guard(self, status: int) -> None:
        """The guard was killed. The kernel has killed the child; what else is in its session is still there."""
        for pid in _session(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._watcher.on_crash(f"the guard of process {self.pid} ended with status {status}")
        self._on_exit(-signal.SIGKILL, asked=True)


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _bytes_in(pipe: int) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def _session(leader: int) -> list[int]:
    """Processes of a session, whether or not its leader lives."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            if os.getsid(pid) == leader:
                found.append(pid)
    return found

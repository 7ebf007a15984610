"""The program under test as a process: its output and its end become events of the history."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

from harness.core.events import ComponentCrashed, Leftover, LogLine, ProcessExited, ProcessStarted
from harness.core.interfaces import Recorder
from harness.errors import AgentNotStartable, EngineFailed
from harness.guard.guarded import Guarded, Program, Watcher
from harness.guard.lines import LineReader

SIGNAL_S = 5.0
"""How long the kernel may take to carry out SIGSTOP or SIGKILL; it takes milliseconds."""


@dataclass(slots=True)
class _Will:
    """What we want of the process."""

    killed: bool = False


class AgentProcess:
    """A started agent (or bystander). Made by `start` only.

    Neither it nor anything that descends from it outlives `stop`, nor our own process, however that ends.
    """

    def __init__(self, process: Guarded, recorder: Recorder, who: str, will: _Will) -> None:
        self._process = process
        self._will = will
        self._recorder = recorder
        self._who = who
        self._leftovers_told = False

    @classmethod
    async def start(
        cls,
        recorder: Recorder,
        *,
        who: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        level: re.Pattern[str] | None,
        log_file: Path | None,
        on_exit: Callable[[int, bool], None] | None = None,
    ) -> Self:
        """Execute a program with exactly this environment; returns when it runs.

        `level` finds a line's severity in its group ``level``. What is printed is also appended to `log_file`, with
        secrets taken out. `on_exit` is told the status, and whether it was told to stop, after all was recorded.

        Raises:
            AgentNotStartable: the program is missing or cannot be executed; says which and why.
        """
        printed = _Printed(recorder, who, level, log_file)
        will = _Will()
        try:
            watcher = _watcher(recorder, who, printed, will, on_exit)
            process = await Guarded.start(Program(argv=argv, env=env, cwd=cwd), watcher)
        except AgentNotStartable as error:
            raise AgentNotStartable(f"{who}: cannot start {argv[0]} in {cwd}: {error}") from None
        finally:
            if not printed.begun:
                printed.close()
        return cls(process, recorder, who, will)

    @property
    def pid(self) -> int:
        """The process id of the agent itself, not of its guard."""
        return self._process.pid

    @property
    def guard_pid(self) -> int:
        """The process id of the guard, from which all of the agent's descend, orphans included; 0 once it is gone."""
        return self._process.guard_pid

    @property
    def exited(self) -> asyncio.Event:
        """Set once the agent is gone and its exit recorded or about to be."""
        return self._process.exited

    @property
    def status(self) -> int | None:
        """Exit status, or minus the signal's number; None while it runs."""
        return self._process.status

    async def pause(self) -> None:
        """SIGSTOP to the process group; returns when the agent stands still.

        Raises:
            EngineFailed: it is gone, or the kernel did not stop it.
        """
        self._signal(signal.SIGSTOP)
        try:
            async with asyncio.timeout(SIGNAL_S):
                while not _is_stopped(self.pid):  # noqa: ASYNC110 - the kernel tells the parent only: the guard
                    await asyncio.sleep(0.001)
        except TimeoutError:
            raise EngineFailed(f"process {self.pid} does not stand still after SIGSTOP") from None

    def resume(self) -> None:
        """SIGCONT to the process group; nothing if it is gone."""
        if not self.exited.is_set():
            self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """SIGKILL to the process group, and to all that descends from it. What is recorded says that we asked for it.

        Raises:
            EngineFailed: it was gone before.
        """
        self._will.killed = True
        self._signal(signal.SIGKILL)
        await self.stop(grace_s=0.0)

    def _signal(self, number: signal.Signals) -> None:
        gone = EngineFailed(f"{number.name} cannot be sent: the agent is gone")
        if self.exited.is_set():
            raise gone
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            raise gone from None

    async def stop(self, grace_s: float = 5.0) -> None:
        """SIGTERM to the process group, so many wall seconds of grace, SIGKILL to all that descends from it.

        Idempotent. What survives is recorded as `Leftover`.
        """
        survivors = await self._process.stop(grace_s)
        if not self._leftovers_told:
            self._leftovers_told = True
            for what in survivors:
                self._recorder.record(Leftover(what=f"{self._who}: {what}"))


def _is_stopped(group: int) -> bool:
    """Whether the leader of a process group stands still, as the kernel tells (proc(5), stat).

    State T; or D, where it has called vfork and waits for a child that stands still before it could execute anything.
    """
    states = dict(_states(group))
    if group not in states:
        raise EngineFailed(f"process {group} is gone")
    return states[group] == "T" or (states[group] == "D" and "T" in states.values())


def _states(group: int) -> Iterator[tuple[int, str]]:
    """Process id and state of each process of a group."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # gone since it was listed
            text = Path(f"/proc/{entry}/stat").read_text(encoding="utf-8", errors="replace")
            state, _, of_group = text.rpartition(")")[2].split()[:3]  # the name in parentheses may hold anything
            if int(of_group) == group:
                yield int(entry), state


def _watcher(
    recorder: Recorder, who: str, printed: _Printed, will: _Will, on_exit: Callable[[int, bool], None] | None
) -> Watcher:
    def on_start(pid: int) -> None:
        printed.begun = True
        recorder.record(ProcessStarted(who=who, pid=pid))

    def on_end(status: int, asked: bool) -> None:
        printed.end()
        # One that ended by itself a moment before we could kill it did so unasked.
        asked = asked or (will.killed and status == -signal.SIGKILL)
        recorder.record(ProcessExited(who=who, status=status, asked=asked))
        if on_exit is not None:
            on_exit(status, asked)

    def on_crash(words: str) -> None:
        recorder.record(ComponentCrashed(component="guard", error=f"{who}: {words}"))

    return Watcher(on_start=on_start, on_output=printed.feed, on_exit=on_end, on_crash=on_crash)


class _Printed:
    """What a program prints, on its way to the history and the log file."""

    def __init__(self, recorder: Recorder, who: str, level: re.Pattern[str] | None, log_file: Path | None) -> None:
        self.begun = False
        self._recorder = recorder
        self._who = who
        self._level = level
        self._file: TextIO | None = log_file.open("a", encoding="utf-8") if log_file else None
        self._open = {"stdout": LineReader(), "stderr": LineReader()}
        self._loop = asyncio.get_running_loop()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def feed(self, stream: str, data: bytes) -> None:
        """Bytes as they come; none once the stream has ended."""
        reader = self._open[stream]
        if not data:
            self._record(stream, reader.end())
            del self._open[stream]
            if not self._open:
                self.close()
            return
        self._record(stream, reader.feed(data, self._loop.time()))
        if reader.owes and stream not in self._timers:
            # The stretch has to be reported though nothing more may come.
            self._timers[stream] = self._loop.call_later(1.0, self._turn, stream)

    def end(self) -> None:
        """The program is gone: nothing of its own will follow, although a descendant may still print."""
        for stream, reader in self._open.items():
            self._record(stream, reader.end())

    def close(self) -> None:
        """Nothing follows."""
        for timer in self._timers.values():
            timer.cancel()
        if self._file is not None:
            self._file.close()

    def _turn(self, stream: str) -> None:
        del self._timers[stream]
        if stream in self._open:
            self._record(stream, self._open[stream].turn(self._loop.time()))

    def _record(self, stream: str, lines: Sequence[str]) -> None:
        for text in lines:
            self._recorder.record(LogLine(who=self._who, stream=stream, level=self._level_of(text), text=text))
        if self._file is not None and lines:
            self._file.write(self._recorder.redact("".join(f"{text}\n" for text in lines)))
            self._file.flush()

    def _level_of(self, text: str) -> str:
        found = self._level.search(text) if self._level else None
        return (found["level"] or "").lower() if found else ""

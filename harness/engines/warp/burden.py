"""What the machine took from a warped trial: a CPU second of the agent's counts `factor` times, and so does each delay.

The kernel tells per process what it has used, and per thread how long it was ready to run and had to wait for a CPU.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.engines.warp.clock import SECOND

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """Of a trial, or a part of it. Real seconds, but for what is named otherwise."""

    factor: float
    wall_s: float
    cpu_s: float
    """CPU time of the agent and all that it started."""
    waited_s: float
    """How long its threads were ready to run and had no CPU."""
    late_s: float
    """The longest that our own loop was late."""

    @property
    def cpu_share(self) -> float:
        """CPU seconds in a second of the wall; 1 is a whole processor."""
        return self.cpu_s / self.wall_s if self.wall_s else 0.0

    @property
    def agent_delay_s(self) -> float:
        """Agent seconds that passed only because of the warp, at the most: they would not in real time."""
        return self.cpu_s * (self.factor - 1) + (self.waited_s + self.late_s) * self.factor

    @property
    def agent_delay_share(self) -> float:
        """The same, of all agent seconds."""
        return self.agent_delay_s / (self.wall_s * self.factor) if self.wall_s else 0.0


class BurdenMeter:
    """Measures from its making on. `sample` now and then: what has ended between two samples is lost.

    A process is counted with all that descends from it; a guard's (not `itself`) only for what it guards.
    """

    def __init__(self, pid: int, factor: float, proc: Path = PROC, *, itself: bool = True) -> None:
        self._roots = {pid: itself}
        self._factor = factor
        self._proc = proc
        self._began = time.monotonic()
        self._cpu_s: dict[int, float] = {}
        self._waited_s: dict[int, float] = {}
        self._late_s = 0.0

    def also(self, pid: int) -> None:
        """Count this process, with its descendants, too."""
        self._roots[pid] = True

    def sample(self) -> None:
        """Look at the agent and its descendants."""
        trees = (tree(self._proc, root, itself=itself) for root, itself in self._roots.items())
        for pid in {each for found in trees for each in found}:
            _note(self._cpu_s, pid, _cpu_s(self._proc, pid))
            for tid in _threads(self._proc, pid):
                _note(self._waited_s, tid, _waited_s(self._proc, pid, tid))

    async def watch(self, interval_s: float = 0.1) -> None:
        """Sample until cancelled, and note how late our own loop is."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + interval_s
            await asyncio.sleep(interval_s)
            self._late_s = max(self._late_s, loop.time() - due)
            self.sample()

    def burden(self) -> Burden:
        """What was found by now."""
        return Burden(
            factor=self._factor,
            wall_s=time.monotonic() - self._began,
            cpu_s=sum(self._cpu_s.values()),
            waited_s=sum(self._waited_s.values()),
            late_s=self._late_s,
        )


def _note(table: dict[int, float], key: int, value: float | None) -> None:
    if value is not None:
        table[key] = value


def tree(proc: Path, pid: int, *, itself: bool = True) -> Iterator[int]:
    """A process and all that descend from it. A guard is asked about without `itself`: it is no part of a trial.

    One whose parent ends meanwhile may come twice.
    """
    if itself:
        yield pid
    for tid in _threads(proc, pid):
        for child in _read(proc / str(pid) / "task" / str(tid) / "children").split():
            yield from tree(proc, int(child))


def _threads(proc: Path, pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(proc / str(pid) / "task")]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


def _cpu_s(proc: Path, pid: int) -> float | None:
    """User and system time of the process with its ended threads; its children are counted by themselves."""
    fields = _read(proc / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S if fields else None  # utime, stime: proc(5)


def _waited_s(proc: Path, pid: int, tid: int) -> float | None:
    fields = _read(proc / str(pid) / "task" / str(tid) / "schedstat").split()
    return int(fields[1]) / SECOND if len(fields) > 1 else None


def _read(path: Path) -> str:
    """The text, or nothing if the process has ended, is another user's, or the kernel does not tell."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""

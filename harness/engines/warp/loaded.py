"""Which of a trial's processes run in real time, though all should be warped.

A wrapper may clear the environment before it executes the agent, and a program may start others without it. So the
processes are looked at, with all that they started, and what they have written into the roll is believed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from harness.engines.warp.burden import PROC, tree
from harness.engines.warp.roll import Entry, Roll

SURE_AFTER_LOOKS = 2
"""Between its execution and the loading of its libraries a process has none for a millisecond, and at its end it loses
them one by one: a single look may meet that."""


@dataclass(slots=True)
class _Bare:
    """A process that was last seen without the library."""

    name: str
    since_ns: int
    looks: int = 0


class LoadWatch:
    """Looks at programs, and says in the end which of their processes had no library."""

    def __init__(self, library: Path, roll: Roll, proc: Path = PROC) -> None:
        self._library = str(library)
        self._roll = roll
        self._proc = proc
        self._programs: dict[int, str] = {}
        self._bare: dict[int, _Bare] = {}

    def started(self, who: str, pid: int) -> None:
        """A program of the trial's, which has to be in the roll, however short it lives."""
        self._programs[pid] = who

    def look(self, pid: int) -> None:
        """See whether this process, and all that descend from it, have loaded the library by now."""
        for each in tree(self._proc, pid):
            has = self._has_library(each)
            if has:
                self._bare.pop(each, None)
            elif has is not None:
                bare = self._bare.setdefault(each, _Bare(self._name(each), time.monotonic_ns()))
                bare.looks += 1

    def strangers(self) -> list[str]:
        """Each process whose clock ran in real time, in words."""
        entries = self._roll.entries()
        entered = {entry.pid for entry in entries}
        bare = {pid: seen for pid, seen in self._bare.items() if self._is_sure(pid, seen, entries)}
        return [
            *(f"{who}'s process {pid}" for pid, who in self._programs.items() if pid not in entered | bare.keys()),
            *(f"process {pid} ({seen.name})" for pid, seen in bare.items()),
        ]

    def _is_sure(self, pid: int, seen: _Bare, entries: list[Entry]) -> bool:
        """It was without the library, not just between its execution and the loading, and has not loaded it since."""
        later = any(entry.pid == pid and entry.before_ns >= seen.since_ns for entry in entries)
        return seen.looks >= SURE_AFTER_LOOKS and not later

    def _has_library(self, pid: int) -> bool | None:
        """None where it has ended, also if nobody has taken note of that yet."""
        try:
            mapped = (self._proc / str(pid) / "maps").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        except PermissionError:
            return False  # it has another user's rights, so the system preloads nothing into it
        return self._library in mapped if mapped else None

    def _name(self, pid: int) -> str:
        try:
            return (self._proc / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return "gone"

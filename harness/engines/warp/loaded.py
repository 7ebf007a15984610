"""Which of a trial's processes run in real time, though all should be warped.

A wrapper may clear the environment before it executes the agent, and a program may start others without it. So the
processes are looked at, with all that they started, and what they have written into the roll is believed.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from harness.engines.warp import reach
from harness.engines.warp.burden import PROC, tree
from harness.engines.warp.roll import Entry, Roll

SURE_AFTER_LOOKS = 2
"""Between its execution and the loading of its libraries a process has none for a millisecond, and at its end it loses
them one by one: a single look may meet that."""


class _State(Enum):
    """What one look at a process found."""

    GONE = auto()
    WARPED = auto()
    LOADING = auto()
    """The kernel has mapped it, or its dynamic loader as well, which has mapped nothing yet: no line of it has run."""
    BARE = auto()


@dataclass(slots=True)
class _Bare:
    """A process that was seen without the library."""

    name: str
    since_ns: int
    looks: int = 0
    ran: int = 0
    """In how many of them it was not just about to load its libraries."""

    @property
    def has_run(self) -> bool:
        """It has run in real time, whatever it loads or executes later."""
        return self.ran >= SURE_AFTER_LOOKS


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

    def look(self, pid: int, *, itself: bool = True) -> None:
        """See whether this process, and all that descend from it, have loaded the library by now.

        A guard, which is no part of the trial, is given without `itself`. To it belongs whatever has lost its parent.
        """
        for each in set(tree(self._proc, pid, itself=itself)):
            state = self._state(each)
            if state is _State.WARPED:
                self._forgive(each)
            elif state is not _State.GONE:
                self._met_bare(each, state)

    def _met_bare(self, pid: int, state: _State) -> None:
        bare = self._bare.setdefault(pid, _Bare("", time.monotonic_ns()))
        bare.looks += 1
        bare.ran += state is _State.BARE
        if bare.looks <= SURE_AFTER_LOOKS:
            bare.name = self._name(pid)  # what it is by the look that decides; it may have executed another since

    def strangers(self) -> list[str]:
        """Each process whose clock ran in real time, in words."""
        entries = self._roll.entries()
        entered = {entry.pid for entry in entries}
        bare = {pid: seen for pid, seen in self._bare.items() if self._is_sure(pid, seen, entries)}
        return [
            *(f"{who}'s process {pid}" for pid, who in self._programs.items() if pid not in entered | bare.keys()),
            *(f"process {pid} ({seen.name})" for pid, seen in bare.items()),
        ]

    def _forgive(self, pid: int) -> None:
        """It has the library now: what was seen before was its beginning, unless it has run like that."""
        seen = self._bare.get(pid)
        if seen and not seen.has_run:
            del self._bare[pid]

    def _is_sure(self, pid: int, seen: _Bare, entries: list[Entry]) -> bool:
        """It has run without the library, or was about to load it twice and has not loaded it since."""
        later = any(entry.pid == pid and entry.before_ns >= seen.since_ns for entry in entries)
        return seen.has_run or (seen.looks >= SURE_AFTER_LOOKS and not later)

    def _state(self, pid: int) -> _State:
        """What is mapped into it; nothing where it has ended, also if nobody has taken note of that yet."""
        try:
            mapped = (self._proc / str(pid) / "maps").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return _State.GONE
        except PermissionError:
            return _State.BARE  # it has another user's rights, so the system preloads nothing into it
        if not mapped:
            return _State.GONE
        if self._library in mapped:
            return _State.WARPED
        is_loading = _is_loading(mapped) and _obstacle(self._proc / str(pid) / "exe") is None
        return _State.LOADING if is_loading else _State.BARE

    def _name(self, pid: int) -> str:
        """What it is called, and why it cannot be reached, if its file tells."""
        process = self._proc / str(pid)
        try:
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return "gone"
        obstacle = _obstacle(process / "exe")
        return f"{name}: {obstacle}" if obstacle else name


def _obstacle(executed: Path) -> str | None:
    try:
        return reach.obstacle(str(executed.readlink()), {})
    except (OSError, struct.error):
        return None  # it has ended, is another user's, or its name is of another file here


def _is_loading(mapped: str) -> bool:
    """Of files there are the program's own and the dynamic loader at most. Our library is the next to be mapped."""
    files = {fields[5] for fields in (line.split(maxsplit=5) for line in mapped.splitlines()) if len(fields) > 5}
    paths = [Path(name) for name in files if name.startswith("/")]
    return len(paths) <= 2

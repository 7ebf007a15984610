"""The roll: each program that loads the library writes down that it has, and what its clock showed then.

Nobody has to look at the right moment, so that no program lives too short to be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.engines.warp.clock import SECOND, WarpClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far a warped program's clock was from the harness's, in agent seconds; causality sets the bounds."""

    least_s: float
    most_s: float

    @property
    def at_most_s(self) -> float:
        """It was less than this, either way."""
        return max(abs(self.least_s), abs(self.most_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one program has written: its clock, between two real moments of CLOCK_MONOTONIC. Nanoseconds."""

    pid: int
    before_ns: int
    shown_ns: int
    after_ns: int

    def drift(self, clock: WarpClock) -> Drift:
        """Its clock against the harness's."""
        return Drift(
            least_s=(self.shown_ns - clock.shown_at(self.after_ns)) / SECOND,
            most_s=(self.shown_ns - clock.shown_at(self.before_ns)) / SECOND,
        )


class Roll:
    """The file; made at once. A program that is told of it, and of a library, enters itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600)

    @property
    def environment(self) -> Mapping[str, str]:
        """What programs are told."""
        return {"HARNESS_WARP_ROLL": str(self._path)}

    def entries(self) -> list[Entry]:
        """All by now; a line is written in one step. A program that executes another has two, of one pid."""
        found = (line.split() for line in self._path.read_text(encoding="ascii").splitlines())
        return [
            Entry(pid=int(pid), before_ns=int(before), shown_ns=int(shown), after_ns=int(after))
            for pid, before, shown, after in found
        ]

"""What a probe is: a function that waits once, for a given number of its own seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Optional

Wait = Callable[[float], Optional[str]]
"""Given seconds; returns what was wrong besides the time, if anything."""

ABSENT = "absent"
"""What a probe returns whose function this libc or kernel does not have: then no agent can use it either."""


@dataclass(frozen=True)
class Probe:
    """A wait. Those in a line share a signal or another single thing, and take turns."""

    wait: Wait
    line: str
    whole_seconds: bool
    instant: bool


PROBES: Dict[str, Probe] = {}  # noqa: UP006 - as above


def probe(name: str, *, line: str = "", whole_seconds: bool = False, instant: bool = False) -> Callable[[Wait], Wait]:
    """Register a wait. An instant one does not wait, but says whether it finds what it should."""

    def register(wait: Wait) -> Wait:
        PROBES[name] = Probe(wait, line or name, whole_seconds, instant)
        return wait

    return register

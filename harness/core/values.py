"""Types of the values that a scenario holds, as annotations that the loader and the JSON Schema both read.

A field's annotation says its unit; ``Says`` is its one-line description for editors and docs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated


class Unit(Enum):
    """What kind of quantity a number is; a scenario must write it with a unit."""

    DURATION = "duration"
    SIZE = "size"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Says:
    """One line that tells a scenario's author what a field means."""

    text: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Smallest and largest allowed value of a number, both included."""

    least: float | None = None
    most: float | None = None


Seconds = Annotated[float, Unit.DURATION]
"""Seconds of the agent's time; written as ``250ms``, ``12s``, ``2min`` or ``1h``."""

Bytes = Annotated[int, Unit.SIZE]
"""Bytes; written as ``512B``, ``10kB`` (1,000), ``4KiB`` (1,024), ``1MB`` or ``1MiB``."""

BytesPerSecond = Annotated[float, Unit.RATE]
"""Bytes a second; written as a size and ``/s``: ``20B/s``."""

UNITS: dict[Unit, dict[str, float]] = {
    Unit.DURATION: {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
    Unit.SIZE: {"B": 1, "kB": 1000, "KiB": 1024, "MB": 1_000_000, "MiB": 1_048_576},
    Unit.RATE: {"B/s": 1, "kB/s": 1000, "KiB/s": 1024, "MB/s": 1_000_000, "MiB/s": 1_048_576},
}


def seconds_text(seconds: float) -> str:
    """A duration as a person would write it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"

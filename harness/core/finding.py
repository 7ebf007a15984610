"""What a check has found, and what of it depends on how late something came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What a finding or verdict says; the value orders them from good to bad."""

    PASS = 0
    UNKNOWN = 1
    FAIL = 2

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Late:
    """A bound of time was missed: counted from `since`, by so many seconds; too early counts as well."""

    since: float
    by_s: float
    until: float | None = None
    """Delays of the machine's up to here may be why; None: up to the finding's moment."""

    @classmethod
    def of(cls, since: float, within_s: float, came: float | None) -> Late:
        """What had to come within a time, and came later or never.

        Never is as late as anything: half of the time that there was is what a machine has to cost to explain it.
        """
        return cls(since, within_s / 2 if came is None else came - since - within_s)


@dataclass(frozen=True, slots=True)
class Kept:
    """A lower bound of time was kept between two moments, with so many seconds to spare."""

    since: float
    until: float
    spare_s: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, in words that a person can act on."""

    check: str
    outcome: Outcome
    words: str
    t: float | None = None
    """The moment that decided it, where there is one."""
    late: Late | None = None
    """By how much, where what failed is a bound of time."""
    kept: tuple[Kept, ...] = ()
    """Where what passed is a lower bound of time."""
    machine_s: float | None = None
    """So many seconds at the most of what passed may be the machine's, where that is more than there was to spare."""

"""Where the clocks of a warped trial began, and the harness's clock that runs as the agent's."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass

from harness.errors import BadInput

MILLION = 10**6
SECOND = 10**9
MAX_FACTOR = 1000
"""Beyond this a context switch is a second of the agent's."""


@dataclass(frozen=True, slots=True)
class Factor:
    """How many agent seconds pass in a second of the wall, in millionths, so that both sides count alike."""

    millionths: int

    @classmethod
    def of(cls, factor: float) -> Factor:
        """A factor that can be warped with.

        Raises:
            BadInput: it is no number above 1 and at most `MAX_FACTOR`.
        """
        if not math.isfinite(factor) or not 1 < factor <= MAX_FACTOR:
            raise BadInput(
                f"warp factor {factor:g}: has to be above 1 and at most {MAX_FACTOR}; real time needs no warp"
            )
        return cls(millionths=round(factor * MILLION))

    def __float__(self) -> float:
        """The factor as a number."""
        return self.millionths / MILLION

    def __str__(self) -> str:
        """As a person would write it."""
        return f"{float(self):g}"

    def longer(self, real: int) -> int:
        """What the agent sees pass, for real nanoseconds."""
        return real * self.millionths // MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The moment at which the clocks of a trial begin to run fast: real nanoseconds of each clock."""

    monotonic: int
    realtime: int
    boottime: int

    @classmethod
    def now(cls) -> Origin:
        """The clocks begin to run fast now."""
        return cls(
            monotonic=time.monotonic_ns(), realtime=time.time_ns(), boottime=time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        )

    def variable(self, factor: Factor) -> str:
        """What the library reads: ``HARNESS_WARP``."""
        return f"{factor.millionths} {self.monotonic} {self.realtime} {self.boottime}"


class WarpClock:
    """Seconds of the agent's: the same that a warped process reads from CLOCK_MONOTONIC at the same moment."""

    def __init__(self, factor: float, origin: Origin) -> None:
        self._factor = Factor.of(factor)
        self._origin = origin

    @property
    def factor(self) -> float:
        """Agent seconds in a second of the wall."""
        return float(self._factor)

    def now(self) -> float:
        """Monotonic seconds of the agent's."""
        return self.shown_at(time.monotonic_ns()) / SECOND

    def time(self) -> float:
        """The agent's time of day: seconds since 1970."""
        return (self._origin.realtime + self.shown_at(time.monotonic_ns()) - self._origin.monotonic) / SECOND

    def shown_at(self, real_ns: int) -> int:
        """What a warped program's CLOCK_MONOTONIC shows at this moment of the real one; both in nanoseconds."""
        return self._origin.monotonic + self._factor.longer(real_ns - self._origin.monotonic)

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of the agent's."""
        await asyncio.sleep(seconds / self.factor)

"""Warp: what is added to a program's environment so that its clock runs at a factor, and the clock that agrees."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from harness.engines.preload import preloaded
from harness.engines.warp import build, reach, selftest
from harness.engines.warp.clock import Factor, Origin, WarpClock
from harness.engines.warp.selftest import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Warp:
    """A tested library and the moment from which clocks run fast. Made by `prepare`; `anew` for each trial."""

    speed: Factor
    library: Path
    origin: Origin
    measured: tuple[Measured, ...]
    """What the self-test found, for whoever wants to see."""

    @classmethod
    def prepare(cls, factor: float, python: Path | None = None) -> Self:
        """Build the library if need be, and test every primitive, under this interpreter if one is named.

        It blocks for half a second, and is done once a process for each factor and interpreter.

        Raises:
            BadInput: the factor is none, or this machine cannot warp; says what to do.
            EngineFailed: something does not run at the factor here; names it.
        """
        speed = Factor.of(factor)
        library = build.library()
        measured = _tested(library, speed, (python or Path(sys.executable)).resolve())
        return cls(speed=speed, library=library, origin=Origin.now(), measured=measured)

    @property
    def factor(self) -> float:
        """Agent seconds in a second of the wall."""
        return float(self.speed)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program gets besides its own environment; what it starts inherits that, and the same clocks."""
        return {"LD_PRELOAD": str(self.library), "HARNESS_WARP": self.origin.variable(self.speed)}

    def added_to(self, environment: Mapping[str, str]) -> dict[str, str]:
        """A program's environment with ours added; another preloaded library stays, behind this one."""
        return {**environment, **self.environment, "LD_PRELOAD": preloaded(self.library, environment)}

    def anew(self) -> Self:
        """The same, beginning now: at x60 a clock that has begun an hour ago is days ahead."""
        return replace(self, origin=Origin.now())

    def clock(self) -> WarpClock:
        """The harness's clock: shows what a warped program reads from CLOCK_MONOTONIC."""
        return WarpClock(self.factor, self.origin)

    def obstacle(self, program: str, environment: Mapping[str, str], cwd: Path | None = None) -> str | None:
        """Why this program cannot be warped, in words, or None. See `reach`."""
        return reach.obstacle(program, environment, cwd)


@functools.cache
def _tested(library: Path, speed: Factor, python: Path) -> tuple[Measured, ...]:
    measured = selftest.run(library, speed, python)
    selftest.refuse(measured, speed, f"under {python}")
    return measured

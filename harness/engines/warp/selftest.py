"""Measures, in a child process, whether each clock and each wait runs at the factor. What does not forbids the warp.

Clocks are judged by causality, without a tolerance: the child reads them between two moments that we know. Waits are
judged by the child's clock, verified by then: none may end early; one that ends late may be the fault of a busy
machine, and is measured again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.engines.warp.child import Child
from harness.engines.warp.clock import SECOND, Factor, Origin
from harness.engines.warp.probes.probe import ABSENT
from harness.errors import EngineFailed

AGO_NS = 10 * SECOND
"""The child's clocks began so long ago, so that a clock that runs in real time is far from where it should be."""
ATTEMPTS = 3
LATE_S = 0.25
"""Wall seconds that a wait may be late on a machine with other work."""
RESOLUTION_NS = {"time": SECOND, "os.times": SECOND // 50, "gettimeofday": 1000, "datetime": 2000}
"""Of what is not told in nanoseconds."""
CPU_CLOCKS = ("PROCESS_CPUTIME_ID", "THREAD_CPUTIME_ID")
_REALTIME = ("REALTIME", "REALTIME_COARSE", "TAI", "time", "gettimeofday", "timespec_get", "time.time", "datetime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What became of one primitive. Both times are the child's own seconds."""

    name: str
    asked_s: float = 0.0
    took_s: float = 0.0
    problem: str | None = None
    """What forbids the warp, in words."""
    retry: bool = False
    """It was only late: another attempt may be better."""


def run(library: Path, factor: Factor, python: Path | None = None) -> tuple[Measured, ...]:
    """Measure every primitive under this interpreter (default: ours), the late ones again.

    Raises:
        EngineFailed: the child could not be started or did not answer; shows what it printed.
    """
    best: dict[str, Measured] = {}
    for _ in range(ATTEMPTS):
        for one in _attempt(library, factor, python or Path(sys.executable)):
            if one.name not in best or best[one.name].retry:
                best[one.name] = one
        if not any(one.retry for one in best.values()):
            break
    return tuple(best.values())


def refuse(measured: Iterable[Measured], factor: Factor, where: str = "here") -> None:
    """Say which primitives forbid the warp, if any does; and where they were measured.

    Raises:
        EngineFailed: names each with what it did.
    """
    failed = [one for one in measured if one.problem]
    if not failed:
        return
    wrong = "\n".join(f"  {one.name}: {one.problem}" for one in failed)
    if all(one.retry for one in failed):
        raise EngineFailed(
            f"warp: this machine is late for waits at a factor of {factor}, {ATTEMPTS} times in a row; "
            f"give it less other work, or take a lower factor\n{wrong}"
        )
    raise EngineFailed(
        f"warp: not everything runs {factor} times as fast {where}, so a verdict could be wrong; "
        f"use --warp off\n{wrong}"
    )


def wall_s(factor: Factor) -> float:
    """How long each wait lasts by the wall: enough to tell real time from warped, even on a busy machine."""
    return max(0.05, 0.8 / (float(factor) - 1))


def _attempt(library: Path, factor: Factor, python: Path) -> list[Measured]:
    origin = Origin.now()
    origin = Origin(
        monotonic=origin.monotonic - AGO_NS, realtime=origin.realtime - AGO_NS, boottime=origin.boottime - AGO_NS
    )
    environment = {"LD_PRELOAD": str(library), "HARNESS_WARP": origin.variable(factor)}
    seconds = wall_s(factor) * float(factor)
    began = time.monotonic_ns()
    with Child(python, seconds, environment) as child:
        child.clocks()  # it runs now: what follows is answered in microseconds
        before = time.monotonic_ns()
        clocks = child.clocks()
        after = time.monotonic_ns()
        return [
            *judge_clocks(clocks, factor, origin, (before, after), cpu_most=after - began),
            *judge_waits(child.waits(5.0 + 10 * wall_s(factor)), factor),
        ]


def judge_clocks(
    clocks: Mapping[str, int], factor: Factor, origin: Origin, between: tuple[int, int], *, cpu_most: int
) -> list[Measured]:
    """Each clock was read between two real moments: so it has to lie between what it showed then.

    All in nanoseconds. A CPU clock of a single thread cannot have counted more than has passed: `cpu_most`.
    """
    return [
        Measured(name=f"clock {name}", problem=_cpu_problem(said, cpu_most))
        if name in CPU_CLOCKS
        else Measured(name=f"clock {name}", problem=_clock_problem(name, said, factor, origin, between))
        for name, said in clocks.items()
    ]


def _cpu_problem(said: int, most: int) -> str | None:
    return None if said <= most else f"has counted {said / SECOND:.3f} s of CPU in {most / SECOND:.3f} s"


def _clock_problem(name: str, said: int, factor: Factor, origin: Origin, between: tuple[int, int]) -> str | None:
    start = origin.realtime if name in _REALTIME else origin.boottime if name == "BOOTTIME" else origin.monotonic
    if name == "TAI":
        start += round(time.clock_gettime(time.CLOCK_TAI) - time.time()) * SECOND
    least, most = (start + factor.longer(moment - origin.monotonic) for moment in between)
    if least - RESOLUTION_NS.get(name, 0) <= said <= most:
        return None
    off = (said - (least if said < least else most)) / SECOND
    return f"is {abs(off):.6f} s {'ahead of' if off > 0 else 'behind'} where it should be"


def judge_waits(told: Iterable[Mapping[str, Any]], factor: Factor) -> list[Measured]:
    """What the child told of its waits; one that is announced and not told has not ended."""
    announced: list[str] = []
    found: dict[str, Measured] = {}
    for line in told:
        announced += line.get("probes", ())
        if "name" in line:
            found[line["name"]] = _judge(Measured(**line), factor)
    return [found.get(name) or Measured(name=name, problem="did not end") for name in announced]


def _judge(one: Measured, factor: Factor) -> Measured:
    took, asked = one.took_s, one.asked_s
    if one.problem == ABSENT:
        return Measured(name=one.name)
    if one.problem:
        return one
    if took < asked * (1 - 1e-6):
        return replace(one, problem=f"ended after {took:.3f} s instead of {asked:g} s")
    if asked and took > _latest(asked, float(factor)):
        return replace(one, problem=f"took {took:.3f} s instead of {asked:g} s", retry=True)
    return one


def _latest(asked_s: float, factor: float) -> float:
    """When a wait counts as late, in the child's seconds: well before it would end in real time (see `wall_s`)."""
    return asked_s * (1 + min(0.25, (factor - 1) / 4)) + LATE_S * factor

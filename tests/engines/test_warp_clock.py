"""Factor, origin and clock: both sides count alike."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.warp.clock import SECOND, Factor, Origin, WarpClock
from harness.errors import BadInput


@pytest.mark.parametrize("factor", [1.0, 0.0, -5.0, 1001.0, float("nan"), float("inf")])
def test_a_factor_that_cannot_be_is_refused(factor: float) -> None:
    with pytest.raises(BadInput, match="above 1 and at most 1000"):
        Factor.of(factor)


def test_a_factor_is_kept_to_the_millionth_and_told_as_written() -> None:
    assert Factor.of(7.5).millionths == 7_500_000
    assert str(Factor.of(60)) == "60"
    assert float(Factor.of(1.000001)) == 1.000001


@given(st.floats(min_value=1.01, max_value=1000), st.integers(min_value=0, max_value=10**18))
def test_what_passes_is_the_factor_times_as_long(factor: float, real: int) -> None:
    """To the nanosecond, in whole numbers: a float of seconds since 1970 would be off by 200 ns."""
    speed = Factor.of(factor)
    assert speed.longer(real) == real * speed.millionths // 10**6


def test_the_library_is_told_whole_numbers() -> None:
    origin = Origin(monotonic=11, realtime=22, boottime=33)
    assert origin.variable(Factor.of(60)) == "60000000 11 22 33"


def test_the_clock_shows_the_warped_time_since_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    origin = Origin(monotonic=100 * SECOND, realtime=5000 * SECOND, boottime=0)
    monkeypatch.setattr(time, "monotonic_ns", lambda: 102 * SECOND)
    clock = WarpClock(60, origin)
    assert clock.now() == 100 + 120
    assert clock.time() == 5000 + 120


def test_to_sleep_takes_a_part_of_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(WarpClock(60, Origin.now()).sleep(300))
    assert slept == [5.0]

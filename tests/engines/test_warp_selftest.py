"""What the self-test makes of what it was told."""

from __future__ import annotations

import time

import pytest

from harness.engines.warp.clock import SECOND, Factor, Origin
from harness.engines.warp.selftest import Measured, judge_clocks, judge_waits, refuse, wall_s
from harness.errors import EngineFailed

X60 = Factor.of(60)
ORIGIN = Origin(monotonic=1000 * SECOND, realtime=50_000 * SECOND, boottime=2000 * SECOND)
BETWEEN = (1010 * SECOND, 1011 * SECOND)


def clock_problem(name: str, seconds: float) -> str | None:
    (one,) = judge_clocks({name: round(seconds * SECOND)}, X60, ORIGIN, BETWEEN, cpu_most=SECOND)
    return one.problem


@pytest.mark.parametrize(
    ("name", "start"), [("MONOTONIC", 1000), ("REALTIME", 50_000), ("BOOTTIME", 2000), ("time.time", 50_000)]
)
def test_a_clock_has_to_lie_between_the_two_moments(name: str, start: int) -> None:
    assert clock_problem(name, start + 600) is None
    assert clock_problem(name, start + 660) is None
    assert clock_problem(name, start + 599.9) == "is 0.100000 s behind where it should be"
    assert clock_problem(name, start + 660.1) == "is 0.100000 s ahead of where it should be"


def test_a_clock_in_real_time_is_found() -> None:
    assert clock_problem("MONOTONIC", 1010.5) == "is 589.500000 s behind where it should be"


def test_a_clock_of_whole_seconds_may_be_behind_by_one() -> None:
    assert clock_problem("time", 50_599) is None
    assert clock_problem("time", 50_598) is not None


def test_international_atomic_time_keeps_its_leap_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "clock_gettime", lambda _: time.time() + 37)
    assert clock_problem("TAI", 50_637) is None
    assert clock_problem("TAI", 50_600) is not None


def test_cpu_time_that_is_counted_faster_is_found() -> None:
    assert clock_problem("PROCESS_CPUTIME_ID", 0.9) is None
    assert clock_problem("PROCESS_CPUTIME_ID", 1.1) == "has counted 1.100 s of CPU in 1.000 s"


def wait(took_s: float, problem: str | None = None, asked_s: float = 3.0) -> Measured:
    told = {"name": "poll", "asked_s": asked_s, "took_s": took_s, "problem": problem}
    (one,) = judge_waits([{"probes": ["poll"]}, told], X60)
    return one


def test_a_wait_in_time_is_fine() -> None:
    assert wait(3.0).problem is None
    assert wait(18.0).problem is None, "a quarter of a second of the wall is 15 s at x60"


def test_a_wait_that_ends_early_is_not_tried_again() -> None:
    one = wait(2.9)
    assert (one.problem, one.retry) == ("ended after 2.900 s instead of 3 s", False)


def test_a_wait_in_real_time_is_late_and_tried_again() -> None:
    one = wait(180.0)
    assert (one.problem, one.retry) == ("took 180.000 s instead of 3 s", True)


def test_what_was_announced_and_not_told_has_not_ended() -> None:
    assert judge_waits([{"probes": ["poll"]}], X60) == [Measured(name="poll", problem="did not end")]


def test_what_libc_does_not_have_forbids_nothing() -> None:
    assert wait(0.0, "absent").problem is None


def test_what_went_wrong_besides_the_time_is_kept() -> None:
    assert wait(3.0, "returned 22").problem == "returned 22"


@pytest.mark.parametrize("factor", [1.1, 1.5, 2, 10, 60, 1000])
def test_a_wait_in_real_time_cannot_pass_for_a_late_one(factor: float) -> None:
    speed = Factor.of(factor)
    asked = wall_s(speed) * factor
    told = {"name": "poll", "asked_s": asked, "took_s": asked * factor, "problem": None}
    (one,) = judge_waits([{"probes": ["poll"]}, told], speed)
    assert one.problem is not None


def test_the_refusal_names_each_and_says_what_to_do() -> None:
    refuse([Measured(name="poll")], X60)
    with pytest.raises(EngineFailed, match=r"(?s)not everything runs 60 times.*--warp off\n  poll: did not end$"):
        refuse([Measured(name="select"), Measured(name="poll", problem="did not end")], X60)


def test_a_machine_that_is_only_late_is_told_to_take_a_lower_factor() -> None:
    with pytest.raises(EngineFailed, match="lower factor"):
        refuse([wait(180.0)], X60)

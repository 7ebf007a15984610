"""Times to look at things again, on a clock that stands still."""

import math

import pytest

from harness.hmc.deadlines import LATER_S, Deadlines
from tests.hmc.conftest import Told


@pytest.fixture
def wakes() -> list[float]:
    return []


@pytest.fixture
def deadlines(told: Told, wakes: list[float]) -> Deadlines:
    return Deadlines(told.now, wakes.append)


def test_what_is_over_is_told_once_the_earliest_first(deadlines: Deadlines, told: Told) -> None:
    for key, seconds in (("late", 9.0), ("later", 20.0), ("early", 3.0), ("never", math.inf)):
        deadlines.set(key, told.now_s + seconds)
    told.now_s += 9
    assert list(deadlines.over()) == ["early"]  # the other is over after its time, not at it
    told.now_s += 1
    assert list(deadlines.over()) == ["late"]
    assert list(deadlines.over()) == []


def test_only_the_last_time_of_each_counts_and_none_of_what_was_dropped(deadlines: Deadlines, told: Told) -> None:
    for key in ("moved", "dropped", "sooner"):
        deadlines.set(key, told.now_s + 5)
    deadlines.set("moved", told.now_s + 50)
    deadlines.set("sooner", told.now_s + 1)
    deadlines.drop("dropped")
    told.now_s += 10
    assert list(deadlines.over()) == ["sooner"]
    told.now_s += 50
    assert list(deadlines.over()) == ["moved"]


def test_there_is_one_timer_for_the_earliest_and_the_next_one_when_that_is_over(
    deadlines: Deadlines, told: Told, wakes: list[float]
) -> None:
    for number in range(100):
        deadlines.set(f"{number}", told.now_s + 10 + number)
    assert wakes == [pytest.approx(10 + LATER_S)]
    deadlines.set("first", told.now_s + 2)
    assert wakes[1:] == [pytest.approx(2 + LATER_S)]
    told.now_s += 2 + 2 * LATER_S
    assert list(deadlines.over()) == ["first"]
    assert wakes[2:] == [pytest.approx(8 - LATER_S)]


def test_after_all_are_dropped_nobody_counts_on_an_old_timer(
    deadlines: Deadlines, told: Told, wakes: list[float]
) -> None:
    deadlines.set("gone", told.now_s + 5)
    deadlines.drop("gone")
    deadlines.set("new", told.now_s + 50)
    assert wakes == [pytest.approx(5 + LATER_S), pytest.approx(50 + LATER_S)]


def test_who_threw_the_timer_away_gets_another_one(deadlines: Deadlines, told: Told, wakes: list[float]) -> None:
    deadlines.wake_again()
    assert wakes == []
    deadlines.set("it", told.now_s + 5)
    told.now_s += 2
    deadlines.wake_again()
    assert wakes == [pytest.approx(5 + LATER_S), pytest.approx(3 + LATER_S)]


def test_what_was_dropped_takes_no_memory(deadlines: Deadlines, told: Told) -> None:
    deadlines.set("stays", told.now_s + 9)
    for number in range(1000):
        deadlines.set(f"{number}", told.now_s + 5)
        deadlines.drop(f"{number}")
    assert len(deadlines._heap) < 100
    told.now_s += 10
    assert list(deadlines.over()) == ["stays"]

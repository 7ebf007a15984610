"""The same process lives through the outage and after it."""

from __future__ import annotations

import pytest

from harness.checks.keeps_running import KeepsRunning
from harness.core.events import StepHealed
from tests.playbook import (
    FAIL,
    OTHER,
    PASS,
    UNKNOWN,
    at,
    change,
    every,
    fault,
    found,
    gone,
    healthy,
    less,
    started,
    steady,
    story,
    verdict_of,
    watched,
)

CHECK = KeepsRunning()


def test_an_agent_that_is_never_gone_passes() -> None:
    assert found(CHECK, story(healthy())) == (PASS, "ran all the 19.9 s that it was watched", None)


@pytest.mark.parametrize(
    ("t", "words"),
    [
        (4.1, "gone with status 3 after 4.0 s"),
        (5.0, "gone with status 3 after 4.9 s"),
        (7.0, "gone with status 3 after 6.9 s, 2.0 s after the first fault began"),
        (10.0, "gone with status 3 after 9.9 s, 5.0 s after the first fault began"),
        (12.0, "gone with status 3 after 11.9 s, 2.0 s after the last fault was healed"),
    ],
)
def test_an_exit_fails_and_the_words_say_when(t: float, words: str) -> None:
    assert found(CHECK, story(healthy(), at(t, gone(3)))) == (FAIL, words, t)


def test_an_exit_with_status_0_is_an_exit_too() -> None:
    assert found(CHECK, story(healthy(), at(7.0, gone(0))))[0] == FAIL


@pytest.mark.parametrize(("t", "outcome"), [(20.0, FAIL), (20.001, PASS)])
def test_an_exit_counts_until_the_watching_ends(t: float, outcome: str) -> None:
    assert found(CHECK, story(healthy(), at(t, gone())))[0] == outcome


def test_to_be_stopped_or_the_exit_of_another_program_is_no_exit() -> None:
    history = story(healthy(), at(6.0, started(OTHER, pid=7)), at(7.0, gone(who=OTHER)), at(8.0, gone(asked=True)))
    assert found(CHECK, history)[0] == PASS


def test_another_process_in_its_place_fails_when_that_one_starts() -> None:
    history = story(healthy(), at(8.0, started(pid=101)))
    assert found(CHECK, history) == (FAIL, "started 2 times", 8.0)


def test_what_never_started_cannot_keep_running() -> None:
    assert found(CHECK, story(fault(), watched())) == (UNKNOWN, "the agent never started", None)


def test_a_time_after_the_fault_that_never_came_is_not_passed() -> None:
    history = story(less(healthy(), every(StepHealed)))
    assert found(KeepsRunning(after=5.0), history)[:2] == (UNKNOWN, "no time after the last fault was watched")
    assert found(CHECK, history)[0] == PASS


@pytest.mark.parametrize(("seconds", "outcome"), [(10.0, PASS), (10.1, UNKNOWN)])
def test_a_time_after_the_fault_has_to_be_watched_whole(seconds: float, outcome: str) -> None:
    assert str(verdict_of(KeepsRunning(after=seconds), story(healthy())).outcome) == outcome


def test_it_has_to_be_watched_for_that_time_after_the_last_healing() -> None:
    check = KeepsRunning(after=4.0)
    assert check.watch_until(story(at(0.0, started()))) == 0.0
    assert check.watch_until(story(fault(5.0, None))) == 0.0
    assert check.watch_until(story(fault(5.0, 10.0))) == 14.0
    assert check.watch_until(story(fault(5.0, 10.0), fault(6.0, 12.0, step=2))) == 16.0
    assert check.watch_until(story(fault(5.0, 10.0), change(6.0))) == 14.0
    assert check.watch_until(story(fault(5.0, None), change(6.0))) == 0.0


def test_where_all_that_happens_is_a_change_the_time_after_it_is_watched() -> None:
    """Or a trial of, say, expired sessions would end at once, and pass."""
    check = KeepsRunning(after=4.0)
    assert check.watch_until(story(change(6.0))) == 10.0
    history = story(at(0.0, started()), steady(), change(6.0), watched(6.1))
    assert str(verdict_of(check, history).outcome) == UNKNOWN


def test_a_kill_that_the_harness_asked_for_is_no_end_of_its_own_and_the_start_after_it_none_either() -> None:
    history = story(healthy(), at(8.0, gone(-9, asked=True)), at(9.0, started(pid=101)))
    outcome, words, _ = found(CHECK, history)
    assert (outcome, "killed (1)" in words) == (PASS, True)


def test_an_end_of_its_own_beside_a_kill_fails() -> None:
    """Killed once and started twice: once it must have ended by itself."""
    scenes = at(8.0, gone(-9, asked=True)), at(9.0, started(pid=101)), at(10.0, started(pid=102))
    assert found(CHECK, story(healthy(), *scenes)) == (FAIL, "started 3 times, of which the harness asked for 1", 10.0)


def test_an_end_that_nobody_asked_for_fails_also_after_a_kill() -> None:
    scenes = at(8.0, gone(-9, asked=True)), at(9.0, started(pid=101)), at(10.0, gone(1))
    assert found(CHECK, story(healthy(), *scenes))[0] == FAIL

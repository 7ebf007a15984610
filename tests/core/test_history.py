"""The questions that checks ask of a history."""

from __future__ import annotations

import pytest

from harness.core.events import Heartbeat, NicChanged, TimelineBegan, WatchEnded
from harness.core.history import History, Interval
from tests.playbook import (
    END,
    HEALED,
    ONSET,
    OTHER,
    ZERO,
    at,
    began,
    change,
    fault,
    gone,
    healthy,
    log,
    started,
    steady,
    story,
    watched,
)

BEAT = Heartbeat(source="x")


@pytest.mark.parametrize(
    ("t", "inside"),
    [(4.999, False), (5.0, True), (5, True), (10.0, True), (10.001, False), ("7", False), (None, False)],
)
def test_an_interval_holds_its_ends(t: object, *, inside: bool) -> None:
    assert (t in Interval(5.0, 10.0)) is inside


def test_events_are_found_by_kind() -> None:
    history = story(at(1.0, BEAT), at(2.0, log("x")), at(3.0, BEAT))
    assert [e.t for e in history.all(Heartbeat)] == [1.0, 3.0]
    assert [e.t for e in history] == [1.0, 2.0, 3.0]
    assert len(history) == 3
    first, last = history.first(Heartbeat), history.last(Heartbeat)
    assert (first and first.t, last and last.t) == (1.0, 3.0)
    assert history.all(WatchEnded) == []
    assert history.first(WatchEnded) is history.last(WatchEnded) is None


def test_seen_is_what_came_while_the_trial_was_watched() -> None:
    beats = [*at(1.0, BEAT), *at(2.0, BEAT), *at(2.001, BEAT)]
    assert len(story(beats).seen(Heartbeat)) == 3
    assert [e.t for e in story(beats, watched(2.0)).seen(Heartbeat)] == [1.0, 2.0]
    assert story(beats, watched(0.5)).seen(Heartbeat) == []


@pytest.mark.parametrize(("t", "was"), [(19.0, True), (20.0, True), (20.0000005, True), (20.001, False)])
def test_a_moment_was_watched_up_to_what_a_stamp_may_be_off_by(t: float, *, was: bool) -> None:
    assert story(watched(20.0)).watched(t) is was


def test_an_empty_history_answers_each_question() -> None:
    history = History()
    assert (history.now, history.watched_until, history.lived_until()) == (0.0, 0.0, 0.0)
    nothing = (history.header, history.zero, history.started(), history.exited(), history.step(1))
    assert set(nothing) == {None}
    assert (history.first_onset(), history.last_healing()) == (None, None)
    assert not history.fault_windows()
    assert not history.agent_log()
    assert history.nics_present(9.0) == {}


def test_the_moments_of_a_healthy_trial() -> None:
    history = story(healthy())
    assert history.header is not None
    assert (history.zero, history.first_onset(), history.last_healing()) == (ZERO, ONSET, HEALED)
    assert history.now == history.watched_until == history.lived_until() == END
    assert history.step(1) == Interval(ONSET, HEALED)


def test_until_it_ends_a_trial_is_watched_up_to_its_newest_event() -> None:
    assert story(at(1.0, BEAT), at(7.0, BEAT)).watched_until == 7.0


def test_header_and_zero_are_the_first_of_their_kind() -> None:
    history = story(at(0.0, began(address="a:1")), steady(3.0), at(4.0, TimelineBegan()))
    assert history.header
    assert (history.header.address, history.zero) == ("a:1", 3.0)


def test_a_program_is_found_by_its_name() -> None:
    history = story(at(1.0, started(OTHER, pid=7)), at(2.0, started()), at(3.0, gone(who=OTHER)), at(4.0, gone()))
    mine, other = history.started(), history.started(OTHER)
    assert mine is not None
    assert other is not None
    assert (mine.t, other.t) == (2.0, 1.0)
    assert history.exited() is not None
    assert history.lived_until() == 4.0


def test_a_stop_that_we_asked_for_and_an_exit_in_the_clearing_up_are_no_exits() -> None:
    assert story(at(1.0, started()), at(4.0, gone(asked=True)), watched()).exited() is None
    after = story(at(1.0, started()), watched(5.0), at(5.1, gone()))
    assert after.exited() is None
    assert after.lived_until() == 5.0


def test_the_agents_log_is_its_own_and_ends_with_the_watching() -> None:
    history = story(at(1.0, log("a"), log("b", who=OTHER)), watched(2.0), at(3.0, log("c")))
    assert [line.text for line in history.agent_log()] == ["a"]


def test_a_fault_has_one_window_and_a_change_has_none() -> None:
    history = story(fault(5.0, 10.0, step=1), fault(7.0, 12.0, step=2), change(8.0, step=3), watched())
    assert history.fault_windows() == [Interval(5.0, 10.0), Interval(7.0, 12.0)]
    assert (history.first_onset(), history.last_healing()) == (5.0, 12.0)
    assert history.step(3) == Interval(8.0, float("inf"))


def test_calm_comes_with_the_last_healing_or_change() -> None:
    assert story(watched()).last_begin() is story(watched()).calm_since() is None
    both = story(fault(5.0, 10.0), change(7.0), watched())
    assert (both.last_begin(), both.calm_since()) == (7.0, 10.0)
    late = story(fault(5.0, 10.0), change(12.0), watched())
    assert (late.last_begin(), late.calm_since()) == (12.0, 12.0)
    lasting = story(fault(5.0, None), change(12.0), watched())
    assert (lasting.last_begin(), lasting.calm_since()) == (12.0, None)


def test_while_a_fault_is_in_force_there_is_no_last_healing() -> None:
    history = story(fault(5.0, 10.0, step=1), fault(7.0, None, step=2), watched())
    assert history.last_healing() is None
    assert history.first_onset() == 5.0


@pytest.mark.parametrize(("healed", "last"), [(20.0, 20.0), (20.001, None)])
def test_what_only_the_clearing_up_heals_was_in_force_to_the_end(healed: float, last: float | None) -> None:
    assert story(fault(5.0, healed), watched(20.0)).last_healing() == last


def test_a_nic_is_there_or_not_by_its_last_change() -> None:
    changes = [(1.0, "a", True), (1.0, "b", True), (5.0, "a", False), (7.0, "a", True), (30.0, "b", False)]
    history = story(*(at(t, NicChanged(port=port, present=there)) for t, port, there in changes), watched())
    assert history.nics_present(0.9) == {}
    assert history.nics_present(4.9) == {"a": True, "b": True}
    assert history.nics_present(5.0) == {"a": False, "b": True}
    assert history.nics_present(40.0) == {"a": True, "b": True}

"""The agent's sign of life goes on, whatever the HMC does."""

from __future__ import annotations

import pytest

from harness.checks.heartbeat import HeartbeatGap
from harness.core.events import AgentSampled, Heartbeat, ProbeFailed, SteadyHeld
from tests.playbook import (
    FAIL,
    PASS,
    UNKNOWN,
    after,
    at,
    between,
    change,
    each,
    every,
    fault,
    found,
    gone,
    healthy,
    less,
    started,
    story,
    verdict_of,
    watched,
)

CHECK = HeartbeatGap(max_gap=3.0)
TOLD = "; meanwhile the control plane said that the agent was not alive"


def beat() -> Heartbeat:
    """A sign of life."""
    return Heartbeat(source="control plane")


def test_a_heartbeat_each_second_passes() -> None:
    assert found(CHECK, story(healthy())) == (PASS, "20 heartbeats, largest gap 1.0 s", None)


@pytest.mark.parametrize(("until", "outcome"), [(9.5, PASS), (9.6, FAIL)])
def test_a_gap_as_long_as_allowed_passes_and_a_longer_one_fails_when_it_became_too_long(
    until: float, outcome: str
) -> None:
    history = story(less(healthy(), between(6.5, until, Heartbeat)), at(until, beat()))
    assert found(CHECK, history)[0] == outcome
    if outcome == FAIL:
        assert found(CHECK, history) == (FAIL, "no heartbeat for 3.1 s; at most 3.0 s are allowed", 9.5)


@pytest.mark.parametrize(("t", "told"), [(6.4, ""), (12.0, TOLD), (14.1, "")])
def test_a_gap_in_which_the_agent_was_taken_for_dead_is_told_so(t: float, told: str) -> None:
    history = story(less(healthy(), between(6.5, 13.5, Heartbeat)), at(t, AgentSampled(alive=False)))
    if 6.5 < t < 13.5:
        assert found(CHECK, history)[1] == f"no heartbeat for 7.0 s; at most 3.0 s are allowed{told}"
    else:
        assert TOLD not in found(CHECK, history)[1]


@pytest.mark.parametrize(("last", "outcome"), [(17.0, PASS), (16.9, FAIL)])
def test_the_end_of_the_watching_closes_the_last_gap(last: float, outcome: str) -> None:
    history = story(less(healthy(), after(15.0, Heartbeat)), at(last, beat()))
    assert found(CHECK, history)[0] == outcome


def test_a_gap_over_the_steady_state_counts_from_its_last_heartbeat_on() -> None:
    history = story(less(healthy(), between(0.2, 5.8, Heartbeat)), at(0.1, beat()))
    assert found(CHECK, history)[0] == FAIL
    starting = story(less(healthy(), between(-1.0, 2.9, Heartbeat)), at(-9.0, beat()), at(2.5, beat()))
    assert found(CHECK, starting)[0] == PASS


def test_where_a_look_failed_before_the_steady_state_a_gap_counts_from_that_on() -> None:
    """There may have been a heartbeat that nobody saw."""
    unseen = story(less(healthy(), between(-1.0, 2.9, Heartbeat)), at(-0.5, beat()))
    assert found(CHECK, unseen)[0] == FAIL
    blind = story(less(healthy(), between(-1.0, 2.9, Heartbeat)), at(-0.5, beat()), at(1.0, failed_look()))
    assert found(CHECK, blind)[0] == PASS
    assert found(CHECK, story(less(blind, between(2.9, 6.1, Heartbeat))))[0] == FAIL


def test_one_that_was_taken_for_dead_while_it_was_starting_is_not_blamed() -> None:
    assert found(CHECK, story(healthy(), at(2.0, AgentSampled(alive=False))))[0] == PASS
    assert found(CHECK, story(healthy(), at(3.5, AgentSampled(alive=False))))[0] == FAIL


def failed_look() -> ProbeFailed:
    return ProbeFailed(probe="control plane", error="TimeoutError")


def test_heartbeats_after_the_watching_fill_no_gap() -> None:
    history = story(less(healthy(), after(10.0, Heartbeat)), at(20.1, beat()))
    assert found(CHECK, history)[0] == FAIL


def test_one_sample_in_which_the_control_plane_says_dead_fails_at_that_sample() -> None:
    history = story(healthy(), at(8.3, AgentSampled(alive=False)))
    assert found(CHECK, history) == (FAIL, "the control plane says that the agent is not alive", 8.3)


@pytest.mark.parametrize("t", [0.4, 0.5, 20.1])
def test_before_the_first_heartbeat_and_after_the_watching_nobody_has_to_be_alive(t: float) -> None:
    assert found(CHECK, story(healthy(), at(t, AgentSampled(alive=False))))[0] == PASS


def test_without_any_heartbeat_nothing_is_known() -> None:
    history = story(less(healthy(), every(Heartbeat)))
    assert found(CHECK, history) == (UNKNOWN, "no heartbeat was ever seen", None)


def test_an_agent_in_its_steady_state_that_begins_to_report_late_fails() -> None:
    history = story(less(healthy(), between(0.0, 11.0, Heartbeat)))
    assert found(CHECK, history) == (FAIL, "no heartbeat for 8.5 s; at most 3.0 s are allowed", 6.0)


def test_heartbeats_that_begin_only_well_after_the_fault_prove_nothing() -> None:
    history = story(less(healthy(), every(SteadyHeld), between(0.0, 9.0, Heartbeat)))
    assert found(CHECK, history)[:2] == (UNKNOWN, "the first heartbeat came 4.5 s after the first fault began")


@pytest.mark.parametrize(("until", "outcome"), [(10.0, PASS), (5.9, UNKNOWN)])
def test_a_slow_start_into_a_fault_is_no_gap_if_the_fault_outlasts_it(until: float, outcome: str) -> None:
    """How long a machine takes to start a program says nothing of its heartbeats."""
    beats = each(1.0, 6.0, 20.0, beat)
    history = story(fault(0.5, until), at(1.0, started()), at(8.0, SteadyHeld()), beats, watched())
    assert found(CHECK, history)[0] == outcome


def test_a_start_that_takes_its_time_before_any_fault_is_no_gap() -> None:
    history = story(less(healthy(), every(SteadyHeld), between(0.0, 4.0, Heartbeat)))
    assert found(CHECK, history)[0] == PASS


def test_a_dead_agents_heartbeats_prove_nothing() -> None:
    history = story(less(healthy(), after(7.0, Heartbeat)), at(7.0, gone(0)))
    assert found(CHECK, history) == (UNKNOWN, "the agent is gone, and its heartbeats with it", None)


def test_a_gap_before_the_death_still_fails() -> None:
    history = story(less(healthy(), after(6.0, Heartbeat)), at(12.0, gone(0)))
    assert found(CHECK, history)[0] == FAIL


def test_an_agent_whose_heartbeat_stops_is_not_passed_because_the_watching_ended_too_soon() -> None:
    history = story(at(0.0, started()), each(1.0, 0.5, 5.0, beat), fault(), watched(7.0))
    assert found(CHECK, history)[0] == PASS
    assert str(verdict_of(CHECK, history).outcome) == UNKNOWN


def test_it_has_to_be_watched_until_a_heartbeat_that_stopped_with_the_fault_or_its_healing_is_missed() -> None:
    assert CHECK.watch_until(story(at(0.0, started()))) == 0.0
    assert CHECK.watch_until(story(at(0.0, started()), fault(5.0, None))) == 8.0
    assert CHECK.watch_until(story(at(0.0, started()), fault())) == 13.0
    assert CHECK.watch_until(story(at(0.0, started()), fault(), change(9.0))) == 13.0
    assert CHECK.watch_until(story(at(0.0, started()), fault(), change(12.0))) == 15.0
    assert CHECK.watch_until(story(at(0.0, started()), fault(), fault(8.0, None, step=2))) == 11.0

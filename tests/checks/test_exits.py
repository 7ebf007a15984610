"""The agent ends by itself, in time, with the right status."""

from __future__ import annotations

import pytest

from harness.checks.exits import Exits, Status
from harness.core.events import Event, ProcessStarted, StepBegan, Touched, Unseen, WarpBurden, WarpUsed
from harness.core.history import History
from harness.core.verdict import Late, Outcome
from tests.playbook import (
    CLAIMS,
    FAIL,
    OTHER,
    PASS,
    UNKNOWN,
    Scene,
    at,
    began,
    connection,
    found,
    gone,
    request,
    started,
    story,
    verdict_of,
    watched,
)


def ended(t: float, status: int = 1, *, until: float = 60.0, asked: bool = False) -> History:
    """An agent that started at 1 s, asked the HMC and ended at this moment."""
    exit_ = at(t, gone(status, asked=asked))
    return story(at(0.0, began(CLAIMS)), at(1.0, started()), at(1.5, connection()), exit_, watched(until))


@pytest.mark.parametrize("status", [1, 2, 255])
def test_an_exit_in_time_with_a_status_above_0_passes(status: int) -> None:
    assert found(Exits(), ended(3.5, status)) == (PASS, f"ended after 2.5 s with exit status {status}", 3.5)


@pytest.mark.parametrize(
    ("wanted", "status", "words"),
    [
        (Status.FAILURE, 0, "exit status 0; a failure has to show as an exit status above 0"),
        (Status.FAILURE, -11, "signal 11; a failure has to show as an exit status above 0"),
        (Status.SUCCESS, 1, "exit status 1; 0 was expected"),
        (Status.SUCCESS, -9, "signal 9; 0 was expected"),
    ],
)
def test_an_exit_status_that_lies_fails_at_the_exit(wanted: Status, status: int, words: str) -> None:
    assert found(Exits(status=wanted), ended(3.5, status)) == (FAIL, f"ended after 2.5 s with {words}", 3.5)


def test_where_success_is_asked_for_0_passes() -> None:
    assert found(Exits(status=Status.SUCCESS), ended(3.0, 0))[0] == PASS


@pytest.mark.parametrize(("t", "outcome"), [(3.0, PASS), (3.001, FAIL)])
def test_the_time_is_counted_from_the_start_its_end_included(t: float, outcome: str) -> None:
    assert found(Exits(within=2.0), ended(t))[0] == outcome


@pytest.mark.parametrize(("t", "outcome"), [(1.0 + 14.0 + 0.5, PASS), (1.0 + 14.0 + 0.501, FAIL)])
def test_by_default_its_own_claims_and_the_slack_bound_the_time(t: float, outcome: str) -> None:
    assert found(Exits(slack=0.5), ended(t))[0] == outcome


def test_an_agent_that_runs_on_fails_at_the_moment_by_which_it_should_be_gone() -> None:
    history = story(at(0.0, began(CLAIMS)), at(1.0, started()), watched(60.0))
    words = "still running 2.0 s after its start; its own timeouts allow no longer"
    assert found(Exits(within=2.0), history) == (FAIL, words, 3.0)


@pytest.mark.parametrize(("wanted", "status"), [(Status.FAILURE, 2), (Status.SUCCESS, 0)])
def test_an_exit_before_it_tried_to_reach_the_hmc_proves_nothing(wanted: Status, status: int) -> None:
    history = story(at(0.0, began(CLAIMS)), at(1.0, started()), at(1.2, gone(status)), watched(60.0))
    words = (
        f"ended after 200 ms with exit status {status}, but it never tried to reach the HMC, "
        "so that says nothing of one: was it started rightly?"
    )
    assert found(Exits(status=wanted), history) == (UNKNOWN, words, 1.2)


@pytest.mark.parametrize(
    "met",
    [
        connection(),
        Touched(step=1, what="held"),
        request(),
        Unseen(step=1, what="connections", why="need root"),
    ],
    ids=["connection", "fault", "request", "unseen"],
)
def test_whatever_it_met_in_the_hmcs_place_is_a_try(met: Event | Scene) -> None:
    history = story(at(0.0, began(CLAIMS)), at(1.0, started()), at(1.1, met), at(1.5, gone(1)), watched(60.0))
    assert found(Exits(), history)[0] == PASS


def test_a_request_of_another_program_is_none_of_its_tries() -> None:
    others = at(1.1, request(who=OTHER))
    history = story(at(0.0, began(CLAIMS)), at(1.0, started()), others, at(1.5, gone(1)), watched(60.0))
    assert found(Exits(), history)[0] == UNKNOWN


def test_a_fault_of_its_own_process_is_no_hmc() -> None:
    stopped = StepBegan(step=1, what="pause_agent", engine="process", fault=True, due=0.0)
    touched = Touched(step=1, what="process 7 was stopped")
    history = story(
        at(0.0, began(CLAIMS)), at(1.0, started()), at(1.1, stopped, touched), at(1.5, gone(1)), watched(60.0)
    )
    assert found(Exits(), history)[0] == UNKNOWN


def test_where_another_program_runs_a_connection_may_be_that_ones() -> None:
    other = ProcessStarted(who=OTHER, pid=7)
    history = story(
        at(0.0, began(CLAIMS)), at(1.0, started(), other), at(1.1, connection()), at(1.5, gone(1)), watched(60.0)
    )
    assert found(Exits(), history)[0] == UNKNOWN
    asked = story(history, at(1.2, request()))
    assert found(Exits(), asked)[0] == PASS


def test_to_be_stopped_is_no_exit_of_its_own() -> None:
    assert found(Exits(within=2.0), ended(2.0, asked=True))[0] == FAIL


def test_an_exit_in_the_clearing_up_is_none() -> None:
    assert found(Exits(within=8.0), ended(6.0, until=5.0))[0] == FAIL


def test_the_exit_of_another_program_is_none_of_the_agents() -> None:
    history = story(at(0.0, began(CLAIMS)), at(1.0, started()), at(2.0, gone(1, who=OTHER)), watched(60.0))
    assert found(Exits(within=8.0), history)[0] == FAIL


def test_watched_for_too_short_a_time_the_verdict_says_so() -> None:
    history = story(at(0.0, began(CLAIMS)), at(1.0, started()), watched(5.0))
    finding = verdict_of(Exits(within=8.0), history)
    assert (str(finding.outcome), finding.words) == (
        UNKNOWN,
        "the watching ended at 5.0 s, before 9.0 s, when this could be decided",
    )


def test_what_never_started_cannot_end() -> None:
    assert found(Exits(), story(watched())) == (UNKNOWN, "the agent never started", None)


def test_without_a_claim_nobody_knows_how_long_it_may_take() -> None:
    running = story(at(0.0, began()), at(1.0, started()), watched(60.0))
    assert found(Exits(), running)[:2] == (UNKNOWN, "no timeout is known that it could exceed; give within")
    assert found(Exits(), story(at(1.0, started()), watched(60.0)))[0] == UNKNOWN


def test_it_has_to_be_watched_until_it_is_gone_or_should_be() -> None:
    running = story(at(0.0, began(CLAIMS)), at(1.0, started()))
    assert Exits().watch_until(story()) == 0.0
    assert Exits().watch_until(running) == 1.0 + 14.0 + 10.0
    assert Exits(within=2.0).watch_until(running) == 3.0
    assert Exits().watch_until(ended(2.0)) == 0.0


WARPED = at(0.0, WarpUsed(factor=60.0, why="", needs_s=1.0))


@pytest.mark.parametrize(("check", "allowed"), [(Exits(within=50.0), 50.0), (Exits(), 14.0 + 600.0)])
def test_where_clocks_run_fast_only_the_slack_goes_by_the_wall(check: Exits, allowed: float) -> None:
    """Who names a time means the agent's, and what a machine may have cost of it is measured, not given."""
    assert found(check, story(ended(1.0 + allowed - 0.1, until=9e9), WARPED))[0] == PASS
    finding = check.judge(story(ended(1.0 + allowed + 0.1, until=9e9), WARPED))
    assert finding.outcome is Outcome.FAIL
    assert finding.late is not None
    assert finding.late.since == 1.0
    assert finding.late.by_s == pytest.approx(0.1)


@pytest.mark.parametrize(("cost_s", "outcome"), [(19.0, FAIL), (21.0, UNKNOWN)])
def test_an_end_that_the_machine_made_late_is_unknown(cost_s: float, outcome: str) -> None:
    """It came 20 s too late, and what the machine cost counts until then, not only until the bound."""
    told = at(71.5, WarpBurden(cpu_share=0.1, cpu_s=cost_s, waited_s=0.0, late_s=0.0))
    history = story(ended(1.0 + 70.0, until=80.0), WARPED, told)
    assert str(verdict_of(Exits(within=50.0), history).outcome) == outcome


def test_where_clocks_run_fast_it_is_watched_for_longer_to_see_how_late_the_end_is() -> None:
    running = story(at(0.0, began(CLAIMS)), at(1.0, started()), WARPED)
    assert Exits(within=50.0).watch_until(running) == 1.0 + 50.0 + 590.0
    assert Exits().watch_until(running) == 1.0 + 14.0 + 600.0
    late = Exits(within=50.0).judge(story(running, watched(641.0))).late
    assert late == Late(1.0, 590.0, 641.0), "so late it was at least"

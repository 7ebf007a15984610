"""How often the agent tried, counted on the wire."""

from __future__ import annotations

import pytest

from harness.checks.attempts import Attempts, During, What
from harness.core.events import Unseen
from harness.core.history import History
from harness.core.patterns import RequestPattern
from tests.playbook import (
    FAIL,
    OTHER,
    PASS,
    UNKNOWN,
    asked,
    at,
    connection,
    each,
    fault,
    found,
    gone,
    healthy,
    request,
    started,
    story,
    watched,
)

REFUSED = RequestPattern.parse("GET /api/cpcs/*")


def attempts(*times: float, bystander: bool = False) -> History:
    """The healthy trial with connections at these moments; none of its own lie within the fault."""
    return story(
        healthy(requests=False),
        *(at(t, connection("refused")) for t in times),
        at(1.0, started(OTHER, pid=7)) if bystander else [],
    )


@pytest.mark.parametrize(("least", "most", "per"), [(0, None, None), (3, 2, None), (1, None, 1.0)])
def test_bounds_that_say_nothing_or_fit_no_number_are_refused(least: int, most: int | None, per: float | None) -> None:
    with pytest.raises(ValueError, match=r"at_least|at_most"):
        Attempts(what=What.CONNECTIONS, at_least=least, at_most=most, per=per)


@pytest.mark.parametrize(
    ("times", "outcome", "words"),
    [
        ((6, 7), PASS, "2 connections"),
        ((5, 6, 10), PASS, "3 connections"),
        ((6,), FAIL, "1 connections; at least 2 were expected"),
        ((6, 7, 8, 9), FAIL, "4 connections; at most 3 are allowed"),
        ((4.9, 6, 10.1), FAIL, "1 connections; at least 2 were expected"),
        ((6, 7, 8, 10.1), PASS, "3 connections"),
    ],
)
def test_connections_are_counted_while_a_fault_is_in_force_its_ends_included(
    times: tuple[float, ...], outcome: str, words: str
) -> None:
    check = Attempts(what=What.CONNECTIONS, at_least=2, at_most=3)
    assert found(check, attempts(*times))[:2] == (outcome, words)


def test_too_few_is_decided_when_the_last_fault_is_healed() -> None:
    assert found(Attempts(what=What.CONNECTIONS, at_least=1), attempts())[2] == 10.0


def test_in_two_faults_that_overlap_an_attempt_counts_once() -> None:
    history = story(healthy(requests=False), fault(8.0, 12.0, step=2), at(9.0, connection()), at(11.0, connection()))
    assert found(Attempts(what=What.CONNECTIONS, at_most=2), history)[:2] == (PASS, "2 connections")


@pytest.mark.parametrize(
    ("times", "outcome", "words", "t"),
    [
        ((6.0, 7.0, 8.5), PASS, "2 connections in 1.0 s", None),
        ((6.0, 6.5, 7.0), FAIL, "3 connections in 1.0 s; at most 2 are allowed", 6.0),
        ((6.0, 6.5, 7.001), PASS, "2 connections in 1.0 s", None),
        ((5.0, 6.0, 8.0, 8.1, 8.2, 8.3), FAIL, "4 connections in 1.0 s; at most 2 are allowed", 8.0),
    ],
)
def test_a_rate_is_judged_over_the_busiest_stretch_both_ends_included(
    times: tuple[float, ...], outcome: str, words: str, t: float | None
) -> None:
    assert found(Attempts(what=What.CONNECTIONS, at_most=2, per=1.0), attempts(*times)) == (outcome, words, t)


def test_requests_are_counted_by_pattern() -> None:
    history = story(healthy(requests=False), at(6.0, request("GET /api/cpcs/1"), request("GET /api/console")))
    check = Attempts(what=What.REQUESTS, match=REFUSED, at_least=1, at_most=1)
    assert found(check, history)[0] == PASS


def test_requests_of_other_programs_are_not_the_agents() -> None:
    others = at(6.0, request(who=OTHER), asked(who=""))
    history = story(healthy(requests=False), others)
    assert found(Attempts(what=What.REQUESTS, at_most=0), history)[0] == PASS
    assert found(Attempts(what=What.REQUESTS, at_least=1), history)[0] == FAIL


@pytest.mark.parametrize(
    ("times", "least", "most", "outcome"),
    [
        ((6, 7), 0, 2, PASS),
        ((6, 7, 8), 0, 2, UNKNOWN),
        ((6,), 2, None, FAIL),
        ((6, 7), 2, None, UNKNOWN),
        ((6,), 2, 3, FAIL),
        ((6, 7), 2, 3, UNKNOWN),
    ],
)
def test_beside_a_bystander_connections_prove_only_that_there_were_few(
    times: tuple[float, ...], least: int, most: int | None, outcome: str
) -> None:
    check = Attempts(what=What.CONNECTIONS, at_least=least, at_most=most)
    assert found(check, attempts(*times, bystander=True))[0] == outcome


def test_beside_a_bystander_requests_still_have_a_name() -> None:
    history = story(healthy(requests=False), at(1.0, started(OTHER, pid=7)), at(6.0, request(), request(who=OTHER)))
    assert found(Attempts(what=What.REQUESTS, at_least=1, at_most=1), history)[0] == PASS


def test_over_the_whole_trial_what_the_clearing_up_causes_does_not_count() -> None:
    check = Attempts(what=What.REQUESTS, during=During.TRIAL, at_most=0)
    quiet = story(healthy(requests=False), at(20.5, request("DELETE /api/sessions/this-session")))
    assert found(check, quiet)[0] == PASS
    assert found(check, story(healthy(requests=False), at(20.0, asked())))[0] == FAIL


def test_a_fault_that_is_only_healed_in_the_clearing_up_counts_to_the_end_of_the_watching() -> None:
    history = story(at(0.0, started()), fault(5.0, 21.0), watched(20.0), at(19.0, connection()), at(20.5, connection()))
    assert found(Attempts(what=What.CONNECTIONS, at_most=1), history)[0] == PASS


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (story(at(0.0, started()), watched()), "no fault was in force, so nothing was counted"),
        (story(fault(), watched()), "the agent never started, so nothing was counted"),
        (
            story(at(0.0, started()), at(4.9, gone()), fault(), watched()),
            "the agent was gone before the first fault, so nothing was counted",
        ),
    ],
)
def test_without_anybody_or_anything_to_count_nothing_is_known(history: History, words: str) -> None:
    assert found(Attempts(what=What.CONNECTIONS, at_most=5), history)[:2] == (UNKNOWN, words)


def test_an_agent_that_tries_and_ends_is_judged_by_what_it_tried() -> None:
    start = story(fault(0.0, None), at(0.1, started()), each(1.0, 1.0, 4.0, connection), at(4.5, gone()), watched(4.5))
    assert found(Attempts(what=What.CONNECTIONS, at_least=4, at_most=4), start)[0] == PASS


def test_a_rate_needs_one_stretch_after_the_newest_step_began_and_a_number_needs_no_time_of_its_own() -> None:
    rate = Attempts(what=What.CONNECTIONS, at_most=2, per=4.0)
    assert rate.watch_until(story(at(0.0, started()))) == 0.0
    assert rate.watch_until(attempts()) == 9.0
    assert rate.watch_until(story(healthy(), fault(8.0, 9.0, step=2))) == 12.0
    assert Attempts(what=What.CONNECTIONS, at_most=2).watch_until(attempts()) == 0.0


@pytest.mark.parametrize(
    ("times", "least", "most", "outcome"),
    [
        ((6.0,), 2, None, UNKNOWN),
        ((6.0, 7.0), 2, None, PASS),
        ((6.0, 7.0), 2, 3, UNKNOWN),
        ((6.0, 7.0, 8.0, 9.0), 2, 3, FAIL),
        ((), 0, 3, UNKNOWN),
    ],
)
def test_where_not_all_connects_are_seen_only_what_more_would_not_change_is_said(
    times: tuple[float, ...], least: int, most: int | None, outcome: str
) -> None:
    blind = Unseen(step=1, what="connects that fail", why="cannot be counted; run as root")
    history = story(attempts(*times), at(5.0, blind))
    finding = found(Attempts(what=What.CONNECTIONS, at_least=least, at_most=most), history)
    assert finding[0] == outcome
    assert ("connects that fail cannot be counted; run as root" in finding[1]) is (outcome == UNKNOWN)


def test_requests_are_counted_however_blind_the_engine_is_for_connects() -> None:
    blind = Unseen(step=1, what="connects that fail", why="cannot be counted; run as root")
    history = story(healthy(requests=False), at(6.0, *request()), at(5.0, blind))
    assert found(Attempts(what=What.REQUESTS, at_least=1, at_most=1), history)[0] == PASS


def test_connections_to_the_two_ports_are_counted_apart() -> None:
    history = story(healthy(), fault(), at(6.0, connection(), connection(channel="notifications"), connection()))
    assert found(Attempts(what=What.CONNECTIONS, at_least=2, at_most=2), history)[:2] == (PASS, "2 connections")
    assert found(Attempts(what=What.LISTENERS, at_least=1, at_most=1), history)[:2] == (PASS, "1 listeners")
    assert found(Attempts(what=What.LISTENERS, at_least=2), history)[0] == FAIL

"""Attempts follow each other at a pace."""

from __future__ import annotations

import pytest

from harness.checks.attempts import What
from harness.checks.spacing import Spacing
from harness.core.events import Touched, Unseen
from harness.core.history import History
from harness.core.patterns import RequestPattern
from tests.playbook import FAIL, OTHER, PASS, UNKNOWN, asked, at, connection, found, started, story, watched

CHECK = Spacing(what=What.CONNECTIONS, every=30.0)


def connects(*times: float) -> History:
    return story(at(0.0, started()), *(at(t, connection("ignored")) for t in times), watched(200.0))


@pytest.mark.parametrize(
    ("times", "outcome"),
    [
        ((1, 31, 61, 91), PASS),
        ((1, 32.5, 61.5), PASS),
        ((1, 32.7, 62), FAIL),
        ((1, 31, 59), FAIL),
        ((1, 2, 3, 4), FAIL),
    ],
)
def test_each_distance_has_to_fit(times: tuple[float, ...], outcome: str) -> None:
    assert found(CHECK, connects(*times))[0] == outcome


def test_the_worst_distance_decides_and_says_how_far_it_is_off() -> None:
    finding = CHECK.judge(connects(1, 31, 66, 96))
    assert finding.t == 66
    assert finding.late is not None
    assert finding.late.since == 31
    assert finding.late.by_s == pytest.approx(5 - 1.6)


def test_a_pass_tells_of_each_distance_how_much_was_left_to_the_lower_bound() -> None:
    kept = CHECK.judge(connects(1, 31, 62)).kept
    assert [(one.since, one.until) for one in kept] == [(1, 31), (31, 62)]
    assert [one.spare_s for one in kept] == pytest.approx([1.6, 2.6])


@pytest.mark.parametrize("times", [(), (5.0,)])
def test_one_attempt_has_no_distance(times: tuple[float, ...]) -> None:
    assert found(CHECK, connects(*times))[0] == UNKNOWN


@pytest.mark.parametrize(("times", "outcome"), [((1, 31, 61), UNKNOWN), ((1, 31, 61, 91), PASS)])
def test_fewer_distances_than_are_needed_prove_nothing(times: tuple[float, ...], outcome: str) -> None:
    check = Spacing(what=What.CONNECTIONS, every=30.0, at_least=3)
    assert found(check, connects(*times))[0] == outcome
    assert check.needs_s() == 90.0 + check.tolerance_s


def test_requests_are_the_agents_own_and_those_that_match() -> None:
    check = Spacing(what=What.REQUESTS, every=10.0, match=RequestPattern.parse("GET /api/jobs/*"))
    mine = (at(t, asked("GET /api/jobs/1")) for t in (1.0, 11.0, 21.0))
    others = at(5.0, asked("GET /api/jobs/1", who=OTHER), asked("GET /api/cpcs"))
    assert found(check, story(*mine, others, watched(30.0)))[0] == PASS


def test_what_faults_met_can_be_spaced_too() -> None:
    touches = (at(t, Touched(step=1, what="x")) for t in (0.0, 10.0))
    assert found(Spacing(what=What.TOUCHES, every=10.0), story(*touches, watched(30.0)))[0] == PASS


def test_where_not_all_can_be_seen_or_told_apart_nothing_is_said() -> None:
    blind = story(connects(1, 31), at(0.5, Unseen(step=1, what="connects", why="need root")))
    assert found(CHECK, blind)[0] == UNKNOWN
    shared = story(connects(1, 31), at(0.5, started(OTHER)))
    assert found(CHECK, shared)[0] == UNKNOWN

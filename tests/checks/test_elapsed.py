"""From an attempt to what is said of it, so much time passes: no more and no less."""

from __future__ import annotations

import math
import re

import pytest

from harness.checks.elapsed import Elapsed, Since
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
    fault,
    found,
    gone,
    log,
    started,
    story,
    watched,
)

SAID = re.compile("gave up")
CHECK = Elapsed(takes=100.0, until=SAID)


def gave_up(t: float) -> History:
    """Connects at 10 s, says at this moment that it gave up, and ends 5 s later."""
    return story(
        at(0.0, started()), at(10.0, connection("ignored")), at(t, log("gave up")), at(t + 5, gone()), watched(t + 5)
    )


@pytest.mark.parametrize(("took", "outcome"), [(96.9, FAIL), (97.1, PASS), (100.0, PASS), (102.9, PASS), (103.1, FAIL)])
def test_two_percent_and_a_second_either_way(took: float, outcome: str) -> None:
    assert found(CHECK, gave_up(10.0 + took))[0] == outcome


def test_how_far_it_was_off_is_told_with_the_moment_it_is_counted_from() -> None:
    finding = CHECK.judge(gave_up(10.0 + 93.0))
    assert finding.late is not None
    assert finding.late.since == 10.0
    assert finding.late.by_s == pytest.approx(4.0)


def test_a_pass_tells_how_much_was_left_to_the_lower_bound() -> None:
    (kept,) = CHECK.judge(gave_up(10.0 + 99.0)).kept
    assert (kept.since, kept.until) == (10.0, 109.0)
    assert kept.spare_s == pytest.approx(2.0)


def test_without_words_the_end_of_the_process_counts() -> None:
    assert found(Elapsed(takes=105.0), gave_up(110.0))[0] == PASS


def test_words_from_before_do_not_count() -> None:
    early = at(5.0, log("gave up"))
    assert found(CHECK, story(gave_up(110.0), early))[0] == PASS


def test_it_can_be_counted_from_a_request_of_the_agents_own() -> None:
    check = Elapsed(takes=60.0, since=Since.REQUEST, match=RequestPattern.parse("GET /api/jobs/*"), until=SAID)
    others = [*at(1.0, asked("GET /api/jobs/1", who=OTHER)), *at(2.0, asked("GET /api/cpcs"))]
    history = story(
        at(0.0, started()), others, at(20.0, asked("GET /api/jobs/1")), at(80.0, log("gave up")), watched(99)
    )
    assert found(check, history)[0] == PASS


def test_it_can_be_counted_from_the_begin_of_the_first_fault() -> None:
    """Of an open connection that falls silent nothing else can be seen."""
    check = Elapsed(takes=60.0, since=Since.FAULT, until=SAID)
    early, late = (
        story(at(0.0, started(), connection()), fault(20.0, None), at(t, log("gave up")), watched(99.0))
        for t in (75.0, 80.5)
    )
    assert found(check, early)[:2] == (FAIL, "55.0 s from the first fault; 60.0 s (give or take 2.2 s) were expected")
    assert found(check, late)[0] == PASS
    assert found(check, story(at(0.0, started()), at(1.0, gone()), watched(1.0)))[0] == UNKNOWN


def test_what_never_ends_fails_when_it_should_have_ended() -> None:
    hangs = story(at(0.0, started()), at(10.0, connection("ignored")), watched(200.0))
    assert found(CHECK, hangs)[0] == FAIL
    assert CHECK.judge(hangs).t == 113.0


def test_an_agent_that_ends_with_other_words_fails() -> None:
    mute = story(at(0.0, started()), at(10.0, connection()), at(110.0, log("bye"), gone()), watched(110.0))
    assert found(CHECK, mute)[:2] == (FAIL, "the agent ended without the words that were expected")


def test_without_an_attempt_there_is_nothing_to_count() -> None:
    assert found(CHECK, story(at(0.0, started()), at(1.0, gone()), watched(1.0)))[0] == UNKNOWN


def test_it_waits_for_the_attempt_then_for_its_end_and_no_longer() -> None:
    assert CHECK.watch_until(story(at(0.0, started()))) == math.inf
    assert CHECK.watch_until(story(at(0.0, started()), at(10.0, connection()))) == 113.0
    assert CHECK.watch_until(gave_up(110.0)) == 0.0


def test_it_says_how_long_and_how_exact_a_trial_has_to_be() -> None:
    assert (CHECK.needs_s(), CHECK.tolerance_s) == (103.0, 3.0)

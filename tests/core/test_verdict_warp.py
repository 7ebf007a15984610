"""Law 6 of the verdict: what a warp's own burden could have caused is no FAIL."""

from __future__ import annotations

import pytest

from harness.core.events import Event, Unwarped, WarpBurden, WarpRefused, WarpUsed
from harness.core.history import History
from harness.core.verdict import Expectation, Finding, Kept, Known, Late, Outcome, Verdict, judge
from tests.playbook import at, began, healthy, story, watched

USED = WarpUsed(factor=60.0, why="", needs_s=100.0)


class Misses:
    """A check that fails at 15 s: something that counts from 10 s on was late by 2 s."""

    def __init__(self, late: Late | None) -> None:
        self._late = late

    def judge(self, history: History) -> Finding:
        return Finding("check", Outcome.FAIL, "was late", 15.0, self._late)

    def watch_until(self, history: History) -> float:
        return 0.0


LATE = Late(10.0, 2.0)


def burden(agent_s: float, *, late_s: float = 0.0, drift_s: float = 0.0) -> WarpBurden:
    return WarpBurden(cpu_share=0.1, cpu_s=agent_s, waited_s=0.0, late_s=late_s, drift_s=drift_s)


class Keeps:
    """A check that passes: what began at 10 s lasted until 15 s, 1 s longer than it had to; before, 3 s longer."""

    def judge(self, history: History) -> Finding:
        kept = (Kept(1.0, 9.0, 3.0), Kept(10.0, 15.0, 1.0))
        return Finding("check", Outcome.PASS, "took 5.0 s", 15.0, kept=kept)

    def watch_until(self, history: History) -> float:
        return 0.0


def verdict_on(*events: Event | list[Event], late: Late | None = LATE, known: tuple[Known, ...] = ()) -> Verdict:
    history = story(healthy(), *([e] if isinstance(e, Event) else e for e in events))
    return judge([Expectation("check", Misses(late))], history, needs_witness=(), known=known)


def test_a_bound_that_was_missed_by_less_than_the_machine_cost_is_unknown() -> None:
    verdict = verdict_on(USED, at(9.0, burden(50.0)), at(16.0, burden(52.5)))
    assert verdict.outcome is Outcome.UNKNOWN
    assert "at x60 the machine cost up to 2.5 s of these" in verdict.findings[0].words
    assert verdict.findings[0].late == LATE


def test_what_the_start_has_cost_does_not_excuse_what_comes_later() -> None:
    assert verdict_on(USED, at(9.0, burden(50.0)), at(16.0, burden(51.5))).outcome is Outcome.FAIL


@pytest.mark.parametrize(("late_s", "outcome"), [(0.9, Outcome.FAIL), (1.1, Outcome.UNKNOWN)])
def test_the_harness_may_be_late_at_both_ends(late_s: float, outcome: Outcome) -> None:
    verdict = verdict_on(USED, at(9.0, burden(50.0)), at(12.0, burden(50.0, late_s=late_s)), at(16.0, burden(50.0)))
    assert verdict.outcome is outcome


def test_lateness_at_another_time_does_not_count() -> None:
    told = (at(2.0, burden(50.0, late_s=9.0)), at(9.0, burden(50.0)), at(16.0, burden(50.0)))
    assert verdict_on(USED, *told).outcome is Outcome.FAIL


def test_what_is_no_matter_of_time_stays_a_fail() -> None:
    assert verdict_on(USED, at(9.0, burden(50.0)), at(16.0, burden(99.0)), late=None).outcome is Outcome.FAIL


def test_in_real_time_nothing_is_excused() -> None:
    assert verdict_on().outcome is Outcome.FAIL


@pytest.mark.parametrize(("cost_s", "outcome"), [(52.5, Outcome.UNKNOWN), (51.5, Outcome.PASS)])
def test_a_shortcoming_on_record_is_not_seen_in_what_the_machine_made_late(cost_s: float, outcome: Outcome) -> None:
    known = (Known("check", "was late", "it is on record"),)
    verdict = verdict_on(USED, at(9.0, burden(50.0)), at(16.0, burden(cost_s)), known=known)
    assert verdict.outcome is outcome
    assert len(verdict.findings) == 1, "nor is the record called stale"
    assert (verdict.findings[0].late == LATE) is (outcome is Outcome.UNKNOWN), "so that it is played again"


def test_clocks_that_differ_prove_nothing() -> None:
    verdict = verdict_on(USED, at(18.0, burden(0.0, drift_s=0.5)))
    assert [f.check for f in verdict.findings if f.outcome is Outcome.UNKNOWN] == ["warp"]
    assert not [f for f in verdict_on(USED, at(18.0, burden(0.0, drift_s=0.01))).findings if f.check == "warp"]


def test_a_warp_that_was_refused_is_unknown_and_says_why_alone() -> None:
    history = story(at(0.0, began(), WarpRefused(why="install gcc")), watched(0.1))
    findings = judge((), history, needs_witness=(1,)).findings
    assert [(f.check, f.outcome, f.words) for f in findings] == [("warp", Outcome.UNKNOWN, "install gcc")]


def test_never_is_as_late_as_half_of_the_time_there_was() -> None:
    assert Late.of(10.0, 8.0, None) == Late(10.0, 4.0)
    assert Late.of(10.0, 8.0, 21.0) == Late(10.0, 3.0)


@pytest.mark.parametrize(("cost_s", "told"), [(1.0, None), (1.5, 1.5)])
def test_a_pass_says_what_of_it_may_be_the_machines_where_it_would_not_be_one_without(
    cost_s: float, told: float | None
) -> None:
    history = story(healthy(), [USED], at(9.0, burden(2.5)), at(16.0, burden(2.5 + cost_s)))
    (finding,) = judge([Expectation("check", Keeps())], history, needs_witness=()).findings
    assert (finding.outcome, finding.machine_s) == (Outcome.PASS, told)
    assert ("of 5.0 s up to 1.5 s may be the machine's" in finding.words) is (told is not None)


def test_what_was_late_while_a_program_ran_in_real_time_is_unknown() -> None:
    bare = Unwarped(why="process 7 ran in real time", remedy="hand it on")
    verdict = verdict_on(USED, at(19.0, bare))
    assert verdict.outcome is Outcome.UNKNOWN
    assert [(f.check, f.words) for f in verdict.findings] == [
        ("warp", "process 7 ran in real time; hand it on"),
        ("check", "was late; but process 7 ran in real time"),
    ]
    unbounded = verdict_on(USED, at(19.0, bare), late=None)
    assert unbounded.outcome is Outcome.UNKNOWN, "a clock that is too slow makes too few attempts, too"

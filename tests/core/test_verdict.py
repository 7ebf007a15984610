"""Three verdicts, worst wins; what proves nothing is UNKNOWN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.events import (
    ComponentCrashed,
    Event,
    Leftover,
    ProbeFailed,
    SteadyHeld,
    SteadyMissed,
    StepBegan,
    StepFailed,
    StepNeverBegan,
    TimelineBegan,
    Touched,
    Unseen,
    WatchEnded,
)
from harness.core.history import History
from harness.core.verdict import Expectation, Finding, Known, Outcome, Verdict, judge
from tests.playbook import Scene, at, change, every, fault, gone, healthy, less, started, steady, story, watched

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
SOUND = story(healthy())


@dataclass(frozen=True, slots=True)
class Says:
    """A check that always finds the same."""

    outcome: Outcome
    words: str = "so it is"
    name: str = "check"
    t: float | None = None
    until: float = 0.0

    def judge(self, history: History) -> Finding:
        return Finding(self.name, self.outcome, self.words, self.t)

    def watch_until(self, history: History) -> float:
        return self.until


class Dies:
    """A check with a defect."""

    def judge(self, history: History) -> Finding:
        raise ZeroDivisionError("oh")

    def watch_until(self, history: History) -> float:
        return 0.0


class Lingers(Says):
    """A check whose other question has a defect."""

    def watch_until(self, history: History) -> float:
        raise KeyError("oh")


def expecting(*checks: Says | Dies) -> list[Expectation]:
    return [Expectation(getattr(check, "name", "dies"), check) for check in checks]


def verdict(
    *checks: Says | Dies, history: History = SOUND, witnesses: Sequence[int] = (1,), known: Sequence[Known] = ()
) -> Verdict:
    return judge(expecting(*checks), history, needs_witness=witnesses, known=known)


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ([PASS], PASS),
        ([PASS, PASS], PASS),
        ([PASS, UNKNOWN], UNKNOWN),
        ([UNKNOWN, FAIL], FAIL),
        ([FAIL, PASS], FAIL),
        ([FAIL, UNKNOWN, PASS], FAIL),
        ([], UNKNOWN),
    ],
)
def test_the_worst_finding_wins_and_comes_first(outcomes: list[Outcome], worst: Outcome) -> None:
    result = verdict(*map(Says, outcomes))
    assert result.outcome is worst
    assert [f.outcome for f in result.findings] == sorted(outcomes, key=lambda o: -o.value)


def test_an_outcome_prints_its_name() -> None:
    assert [str(o) for o in Outcome] == ["PASS", "UNKNOWN", "FAIL"]


def test_a_check_that_crashes_is_unknown_and_the_others_still_judge() -> None:
    result = verdict(Dies(), Says(PASS))
    words = "the check itself failed: ZeroDivisionError: oh; this is a defect of the harness"
    assert result.outcome is UNKNOWN
    assert [(f.check, f.words) for f in result.findings] == [("dies", words), ("check", "so it is")]
    assert verdict(Lingers(PASS)).outcome is UNKNOWN


def test_a_crash_hides_no_failure() -> None:
    assert verdict(Dies(), Says(FAIL)).outcome is FAIL


# What makes a trial prove nothing.


def spoiled(*events: Event, t: float = 12.0) -> Verdict:
    return verdict(Says(PASS), history=story(healthy(), at(t, *events)))


@pytest.mark.parametrize(
    ("event", "check", "words"),
    [
        (SteadyMissed(reason="no heartbeat"), "steady", "the steady state never held: no heartbeat"),
        (
            StepNeverBegan(step=2, what="reset"),
            "timeline",
            "step 2 (reset) never began: its moment did not come",
        ),
        (StepFailed(step=2, phase="heal", error="oh"), "timeline", "step 2 could not heal: oh"),
        (StepFailed(step=2, phase="begin", error="oh"), "timeline", "step 2 could not begin: oh"),
        (ComponentCrashed(component="probe", error="oh"), "harness", "probe: oh"),
        (Leftover(what="a process"), "healing", "left behind: a process"),
        (ProbeFailed(probe="ports", error="oh"), "probe", "could not look 1 times, first: ports: oh"),
    ],
)
def test_what_spoils_a_trial_makes_it_unknown_and_says_what(event: Event, check: str, words: str) -> None:
    result = spoiled(event)
    assert result.outcome is UNKNOWN
    assert result.findings[0] == Finding(check, UNKNOWN, words, 12.0)


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (ProbeFailed(probe="ports", error="oh"), PASS),
        (Leftover(what="a process"), UNKNOWN),
        (StepFailed(step=1, phase="heal", error="oh"), UNKNOWN),
        (ComponentCrashed(component="hmc", error="oh"), UNKNOWN),
    ],
)
def test_in_the_clearing_up_nobody_has_to_look_but_all_has_to_heal(event: Event, outcome: Outcome) -> None:
    assert spoiled(event, t=20.5).outcome is outcome


def test_probes_that_fail_often_are_one_finding() -> None:
    history = story(healthy(), *(at(t, ProbeFailed(probe="ports", error="oh")) for t in (6.0, 7.0, 8.0)))
    findings = verdict(Says(PASS), history=history).findings
    assert [f.words for f in findings if f.check == "probe"] == ["could not look 3 times, first: ports: oh"]


@pytest.mark.parametrize(("t", "outcome"), [(2.9, PASS), (3.0, UNKNOWN)])
def test_a_probe_that_failed_before_the_steady_state_hid_nothing(t: float, outcome: Outcome) -> None:
    history = story(healthy(), at(t, ProbeFailed(probe="ports", error="oh")))
    assert verdict(Says(PASS), history=history).outcome is outcome


def test_a_probe_that_fails_where_no_steady_state_was_asked_for_always_counts() -> None:
    history = story(less(healthy(), every(SteadyHeld)), at(2.9, ProbeFailed(probe="ports", error="oh")))
    assert verdict(Says(PASS), history=history).outcome is UNKNOWN


def test_a_fault_that_touched_nothing_proves_nothing() -> None:
    result = verdict(Says(PASS), history=story(less(healthy(), every(Touched))))
    words = "step 1 (hang) touched nothing, so it proves nothing"
    assert result.findings[0] == Finding("witness", UNKNOWN, words, 5.0)
    assert result.outcome is UNKNOWN


def test_a_witness_that_cannot_be_seen_says_what_to_do() -> None:
    blind = Unseen(step=1, what="connects that fail", why="cannot be counted; run as root")
    result = verdict(Says(PASS), history=story(less(healthy(), every(Touched)), at(5.0, blind)))
    seen = "connects that fail cannot be counted; run as root"
    words = f"step 1 (hang) touched nothing that could be seen: {seen}. So it proves nothing"
    assert result.findings[0] == Finding("witness", UNKNOWN, words, 5.0)


@pytest.mark.parametrize(("t", "outcome"), [(None, UNKNOWN), (12.0, UNKNOWN), (11.9, FAIL)])
def test_nobody_is_blamed_after_a_step_that_could_not_begin(t: float | None, outcome: Outcome) -> None:
    history = story(healthy(), at(12.0, StepFailed(step=2, phase="begin", error="oh")))
    result = verdict(Says(FAIL, "it lives", t=t), history=history)
    assert result.outcome is outcome
    words = "it lives; but step 2 could not begin, so the agent is not to blame"
    assert (words in [finding.words for finding in result.findings]) is (outcome is UNKNOWN)


def test_who_fails_before_a_healing_failed_is_to_blame() -> None:
    history = story(healthy(), at(12.0, StepFailed(step=1, phase="heal", error="oh")))
    assert verdict(Says(FAIL), history=history).outcome is FAIL


def test_each_fault_needs_a_witness_of_its_own() -> None:
    history = story(healthy(), fault(6.0, 8.0, step=2, touched=False))
    assert verdict(Says(PASS), history=history, witnesses=(1, 2)).outcome is UNKNOWN
    assert verdict(Says(PASS), history=history, witnesses=(1,)).outcome is PASS


def test_a_change_needs_no_witness() -> None:
    assert verdict(Says(PASS), history=story(healthy(), change(7.0))).outcome is PASS


@pytest.mark.parametrize(("t", "outcome"), [(20.0, PASS), (20.001, UNKNOWN)])
def test_a_touch_in_the_clearing_up_is_no_witness(t: float, outcome: Outcome) -> None:
    history = story(less(healthy(), every(Touched)), at(t, Touched(step=1, what="held")))
    assert verdict(Says(PASS), history=history).outcome is outcome


def test_a_fault_that_the_history_does_not_know_proves_nothing() -> None:
    result = verdict(Says(PASS), history=story(less(healthy(), every(StepBegan, Touched))))
    assert result.findings[0].words == "step 1 is not in the history, so it proves nothing"


def test_a_step_that_never_began_is_one_finding_not_two() -> None:
    history = story(less(healthy(), every(StepBegan, Touched)), at(15.0, StepNeverBegan(step=1, what="hang")))
    assert [f.check for f in verdict(Says(PASS), history=history).findings] == ["timeline", "check"]
    missed = story(at(0.0, started()), at(9.0, SteadyMissed(reason="x")), watched(9.0))
    assert [f.check for f in verdict(Says(PASS), history=missed).findings] == ["steady", "check"]


def test_a_history_without_an_end_proves_nothing() -> None:
    result = verdict(Says(PASS), history=story(less(healthy(), every(WatchEnded))))
    assert result.findings[0] == Finding("harness", UNKNOWN, "the history has no end: the trial was cut short")


def test_a_timeline_that_never_began_proves_nothing() -> None:
    history = story(less(healthy(), every(SteadyHeld, TimelineBegan)))
    assert verdict(Says(PASS), history=history).findings[0].words == "the timeline never began"


def test_an_empty_history_proves_nothing() -> None:
    assert verdict(Says(PASS), history=story(), witnesses=()).outcome is UNKNOWN


# What could only be decided after the watching ended.

SHORT: Scene = [*at(0.0, started()), *steady(), *watched(20.0)]


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (Says(PASS, until=20.0), PASS),
        (Says(PASS, until=20.1), UNKNOWN),
        (Says(FAIL, until=20.1, t=20.1), UNKNOWN),
        (Says(FAIL, until=20.1, t=20.0), FAIL),
        (Says(FAIL, until=20.1), FAIL),
        (Says(FAIL, until=20.0, t=20.0), FAIL),
    ],
)
def test_what_was_not_watched_long_enough_is_unknown(check: Says, outcome: Outcome) -> None:
    assert verdict(check, history=story(SHORT), witnesses=()).outcome is outcome


@pytest.mark.parametrize("outcome", [PASS, FAIL])
def test_a_dead_agent_does_nothing_more_so_all_is_decided(outcome: Outcome) -> None:
    history = story(SHORT, at(9.0, gone()))
    assert verdict(Says(outcome, until=90.0, t=90.0), history=history, witnesses=()).outcome is outcome


def test_undecided_says_how_long_it_would_have_taken() -> None:
    words = verdict(Says(PASS, until=25.0), history=story(SHORT), witnesses=()).findings[0].words
    assert words == "the watching ended at 20.0 s, before 25.0 s, when this could be decided"


# Known findings.

KNOWN = Known("logs", "nothing logged", "issue 7")
SHORTCOMING = Says(FAIL, "nothing logged in 10 s", "logs", 12.0)


def test_a_known_finding_that_is_still_true_passes_and_says_so() -> None:
    result = verdict(SHORTCOMING, known=[KNOWN])
    assert result.outcome is PASS
    assert result.findings == (Finding("logs", PASS, "known finding: nothing logged in 10 s (issue 7)", 12.0),)


def test_a_known_finding_that_is_no_longer_true_fails_so_that_it_is_taken_out() -> None:
    result = verdict(Says(PASS, "all well", "logs"), known=[KNOWN])
    words = "the known finding 'nothing logged' is no longer true: take it out of the scenario (all well)"
    assert result.outcome is FAIL
    assert result.findings[0].words == words


def test_what_is_unknown_stays_unknown() -> None:
    result = verdict(Says(UNKNOWN, "nothing logged", "logs"), known=[KNOWN])
    assert [(f.outcome, f.words) for f in result.findings] == [(UNKNOWN, "nothing logged")]


def test_a_failure_in_other_words_or_of_another_check_is_not_the_known_one() -> None:
    assert verdict(Says(FAIL, "too much logged", "logs"), known=[KNOWN]).outcome is FAIL
    assert verdict(Says(FAIL, "nothing logged", "ports"), known=[KNOWN]).outcome is FAIL


def test_a_check_that_is_made_twice_may_fall_short_once() -> None:
    """`logs` of the fault and of the healing: the record means the one, and the other may well pass."""
    other = Says(PASS, "500 ms after the fault", "logs")
    assert verdict(other, SHORTCOMING, known=[KNOWN]).outcome is PASS
    assert verdict(SHORTCOMING, other, known=[KNOWN]).outcome is PASS
    assert verdict(Says(FAIL, "too late", "logs"), SHORTCOMING, known=[KNOWN]).outcome is FAIL
    assert verdict(other, other, known=[KNOWN]).outcome is FAIL
    assert verdict(other, Says(UNKNOWN, "who knows", "logs"), known=[KNOWN]).outcome is UNKNOWN


def test_a_check_may_have_several_records_and_each_has_to_be_true() -> None:
    late = Known("logs", "too late", "issue 8")
    both = (SHORTCOMING, Says(FAIL, "too late", "logs"))
    assert verdict(*both, known=[KNOWN, late]).outcome is PASS
    assert verdict(*both, known=[late, KNOWN]).outcome is PASS
    assert verdict(SHORTCOMING, known=[KNOWN, late]).outcome is FAIL


def test_a_known_finding_excuses_no_unsound_trial() -> None:
    silent = story(less(healthy(), every(Touched)))
    assert verdict(SHORTCOMING, history=silent, known=[KNOWN]).outcome is UNKNOWN
    assert verdict(SHORTCOMING, history=silent, known=[Known("witness", "touched nothing", "x")]).outcome is FAIL


# Laws for any findings.

QUICK = settings(max_examples=30, deadline=None)
CHECKS = st.builds(
    Says,
    outcome=st.sampled_from(Outcome),
    name=st.sampled_from(["logs", "ports"]),
    words=st.sampled_from(["a", "b"]),
    t=st.none() | st.floats(0, 30),
    until=st.floats(0, 30),
)
RECORDS = st.lists(st.builds(Known, st.sampled_from(["logs", "ports"]), st.sampled_from(["a", "b"]), st.just("x")))
HISTORIES = st.sampled_from([SOUND, story(SHORT), story(less(healthy(), every(Touched))), story()])


@QUICK
@given(checks=st.lists(CHECKS), history=HISTORIES, place=st.integers(0, 5))
def test_a_failure_more_never_improves_a_verdict(checks: list[Says], history: History, place: int) -> None:
    before = verdict(*checks, history=history)
    after = verdict(*checks[:place], Says(FAIL), *checks[place:], history=history)
    assert after.outcome.value >= before.outcome.value
    assert after.outcome is FAIL


@QUICK
@given(checks=st.lists(CHECKS), history=HISTORIES, known=RECORDS)
def test_the_verdict_is_the_worst_of_its_findings_and_depends_on_nothing_else(
    checks: list[Says], history: History, known: list[Known]
) -> None:
    result = verdict(*checks, history=history, known=known)
    worst = max((f.outcome.value for f in result.findings), default=UNKNOWN.value)
    assert result.outcome.value == worst
    assert result == verdict(*checks, history=history, known=known)


@QUICK
@given(checks=st.lists(CHECKS, min_size=1), known=RECORDS, order=st.randoms())
def test_the_order_of_checks_decides_nothing(checks: list[Says], known: list[Known], order: object) -> None:
    shuffled = list(checks)
    order.shuffle(shuffled)  # type: ignore[attr-defined] # a Random, which hypothesis hands out untyped
    assert verdict(*checks, known=known).outcome is verdict(*shuffled, known=known).outcome


@QUICK
@given(checks=st.lists(CHECKS), known=RECORDS)
def test_no_record_turns_an_unsound_trial_into_a_pass(checks: list[Says], known: list[Known]) -> None:
    assert verdict(*checks, history=story(), known=known).outcome is not PASS

"""How fast a clock runs: from what a trial needs and the machine can; and when a trial is played again."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest

from harness.checks.elapsed import Elapsed
from harness.checks.exits import Exits
from harness.checks.heartbeat import HeartbeatGap
from harness.core.commands import Hang
from harness.core.events import Event, Unwarped, WarpUsed
from harness.core.history import History
from harness.core.patterns import ANY_REQUEST
from harness.core.scenario import (
    AtStart,
    AtTime,
    ForSeconds,
    Moment,
    OnLog,
    OnRequest,
    OnStep,
    Place,
    Scenario,
    Step,
    StepMoment,
    ToTheEnd,
    Trigger,
    Until,
)
from harness.core.verdict import Check, Expectation, Finding, Late, Outcome, Verdict
from harness.core.warp import FACTORS, REAL, Machine, Need, Repetition, again_at, factor_for, need_of
from tests.playbook import at, began, story, watched

IDLE, BUSY = Machine(cpus=2, load=0.5), Machine(cpus=2, load=20.0)
CLAIMS = {"connect_timeout": 30.0, "connect_retries": 3.0, "read_timeout": 300.0, "read_retries": 0.0}
PLACE = Place("x", 1, 1)
LINE = re.compile("x")


def step(number: int, trigger: Trigger, lasts_s: float | None = None, until: OnLog | None = None) -> Step:
    lasting = ToTheEnd() if lasts_s is None else ForSeconds(lasts_s)
    return Step(
        number=number,
        name=f"step-{number}",
        what="hang",
        command=Hang(),
        engine="relay",
        needs_witness=True,
        trigger=trigger,
        lasting=Until(until) if until else lasting,
        place=PLACE,
    )


def scenario(*expect: Check, timeline: tuple[Step, ...] = (), give_up_after_s: float = 1e6) -> Scenario:
    return Scenario(
        id="x",
        file="x",
        title="",
        why="",
        requirements=(),
        tags=(),
        agent="a",
        agent_settings={},
        inventory="i",
        job_seconds=0.1,
        steady=(),
        steady_within_s=30.0,
        give_up_after_s=give_up_after_s,
        timeline=timeline,
        expect=tuple(Expectation("check", check) for check in expect),
        known=(),
        document="{}",
        place=PLACE,
    )


def test_an_exit_is_waited_for_as_long_as_the_agents_own_claims_allow() -> None:
    assert need_of(scenario(Exits()), CLAIMS).lasts_s == 430.0


def test_a_check_that_says_how_long_it_takes_is_believed() -> None:
    assert need_of(scenario(Exits(), Elapsed(takes=100.0)), CLAIMS) == Need(lasts_s=103.0, exact_s=3.0)


def test_a_timeline_is_as_long_as_its_last_fault_and_what_is_wanted_to_be_seen_of_it() -> None:
    timeline = (
        step(1, AtTime(5.0), 20.0),
        step(2, OnStep(StepMoment(3, Moment.HEALED), delay_s=10.0), 40.0),  # waits for one that stands behind it
        step(3, OnStep(StepMoment(1, Moment.HEALED), delay_s=0.0), 100.0),
    )
    assert need_of(scenario(HeartbeatGap(max_gap=45.0), timeline=timeline), {}).lasts_s == 5 + 20 + 100 + 10 + 40 + 45


def test_what_waits_for_the_agent_may_come_at_once_and_its_delay_counts() -> None:
    healed = StepMoment(1, Moment.HEALED)
    timeline = (
        step(1, AtTime(5.0), 20.0),
        step(
            2,
            OnRequest(ANY_REQUEST, after=healed, delay_s=30.0),
            until=OnLog(re.compile("x"), after=healed, delay_s=90.0),
        ),
    )
    assert need_of(scenario(HeartbeatGap(max_gap=45.0), timeline=timeline), {}).lasts_s == 5 + 20 + 90 + 45


def test_nothing_lasts_longer_than_the_trial() -> None:
    endless = scenario(Exits(within=1e5), timeline=(step(1, AtStart()),), give_up_after_s=120.0)
    assert need_of(endless, {}) == Need(lasts_s=120.0, exact_s=math.inf)


@pytest.mark.parametrize(
    ("need", "factor"),
    [
        (Need(lasts_s=613.0, exact_s=13.0), 120.0),
        (Need(lasts_s=613.0, exact_s=2.2), 60.0),  # exact to 37 ms of the wall
        (Need(lasts_s=32.0, exact_s=1.6), 15.0),  # 2 s of the wall are short enough
        (Need(lasts_s=613.0, exact_s=0.5), 15.0),  # exact to 30 ms of the wall
        (Need(lasts_s=3.0), REAL),
        (Need(lasts_s=1e6), 60.0),  # nothing says that more would do
    ],
)
def test_the_factor_is_what_is_worth_while_and_exact_enough(need: Need, factor: float) -> None:
    assert factor_for(need, IDLE) == factor


def test_a_busy_machine_gets_a_lower_factor_where_the_trial_has_to_be_exact() -> None:
    assert factor_for(Need(lasts_s=613.0, exact_s=13.0), BUSY) == 40.0
    assert factor_for(Need(lasts_s=613.0), BUSY) == 60.0


def played(
    factor: float | None, *events: Event, needs_s: float = 60.0, earlier: str = "", auto: bool = False
) -> History:
    used: list[Event] = []
    if factor is not None:
        used = [WarpUsed(factor=factor, why="", needs_s=needs_s, earlier=earlier, auto=auto)]
    return story(at(0.0, began(), *used, *events), watched())


def verdict(outcome: Outcome, late: Late | None = None) -> Verdict:
    return Verdict(outcome, (Finding("check", outcome, "words", None, late),))


FAIL, UNKNOWN, PASS = (verdict(outcome) for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS))
EXCUSED = verdict(Outcome.UNKNOWN, Late(0.0, 1.0))


@pytest.mark.parametrize("judged", [FAIL, EXCUSED])
def test_what_the_warp_may_have_caused_is_played_again_slower(judged: Verdict) -> None:
    assert again_at(played(60.0), judged) == Repetition(factor=30.0, why="again, slower")


def test_a_repetition_of_what_nobody_gave_a_number_for_may_still_go_to_real_time() -> None:
    again = again_at(played(60.0, auto=True), FAIL)
    assert again is not None
    assert (again.factor, again.auto) == (30.0, True)
    assert again_at(played(30.0, BARE, needs_s=613.0, earlier="x60 FAIL", auto=again.auto), EXCUSED) == Repetition(
        factor=REAL, why=f"real time: {BARE.why}"
    )


@pytest.mark.parametrize("judged", [PASS, UNKNOWN])
def test_what_has_nothing_to_do_with_the_warp_stands(judged: Verdict) -> None:
    assert again_at(played(60.0), judged) is None


@pytest.mark.parametrize("factor", [None, REAL])
def test_real_time_is_never_played_again(factor: float | None) -> None:
    assert again_at(played(factor), FAIL) is None


BARE = Unwarped(why="process 7 ran in real time", remedy="hand it on")


@pytest.mark.parametrize("judged", [PASS, UNKNOWN, FAIL, EXCUSED])
def test_with_a_program_that_cannot_be_warped_a_trial_gets_real_time_however_long(judged: Verdict) -> None:
    played_once = played(60.0, BARE, needs_s=613.0, auto=True)
    assert again_at(played_once, judged) == Repetition(factor=REAL, why=f"real time: {BARE.why}")
    assert again_at(played(REAL, BARE, auto=True), judged) is None


def test_unless_a_factor_was_asked_for_by_number() -> None:
    assert again_at(played(60.0, BARE), UNKNOWN) is None
    assert again_at(played(60.0, BARE), EXCUSED) is None, "a lower number is of no use"


def test_it_goes_down_to_real_time_while_that_is_short() -> None:
    seen: list[float] = []
    factor = 60.0
    while (again := again_at(played(factor, earlier="x" * len(seen)), FAIL)) is not None:
        seen.append(factor := again.factor)
        assert again.why == ("again, slower" if factor > REAL else "again, in real time")
    assert seen == [30.0, 15.0, 6.0, 2.0, REAL]


def test_a_long_trial_is_repeated_once_in_any_case_and_no_more() -> None:
    again = again_at(played(6.0, needs_s=613.0), FAIL)
    assert again is not None
    assert again.factor == 2.0
    assert again_at(played(6.0, needs_s=613.0, earlier="x60 FAIL"), FAIL) is None


def test_factors_fall() -> None:
    assert list(FACTORS) == sorted(FACTORS, reverse=True)
    assert dataclasses.replace(Need(lasts_s=1.0)).exact_s == math.inf

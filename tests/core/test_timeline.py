"""A timeline waits for nothing: it is told the time and what happened, and says what is to begin and to heal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.commands import Hang
from harness.core.events import AGENT, Event, Heartbeat, StepBegan, StepFailed, StepHealed, Touched
from harness.core.patterns import RequestPattern
from harness.core.scenario import (
    AtStart,
    AtTime,
    ForSeconds,
    Lasting,
    Moment,
    Once,
    OnLog,
    OnRequest,
    OnStep,
    Place,
    Step,
    StepMoment,
    ToTheEnd,
    Trigger,
    Until,
)
from harness.core.timeline import Action, Begin, Timeline
from tests.playbook import OTHER, asked, at, log

CPCS = RequestPattern.parse("GET /api/cpcs")
BEGAN, HEALED = Moment.BEGAN, Moment.HEALED
LAG_S = 0.25
"""How long the engines of these tests take to carry an action out."""


def step(number: int, trigger: Trigger, lasting: Lasting | None = None) -> Step:
    return Step(
        number=number,
        name=f"step {number}",
        what="hang",
        command=Hang(),
        engine="relay",
        needs_witness=True,
        trigger=trigger,
        lasting=lasting or ToTheEnd(),
        place=Place("story.yaml", number, 1),
    )


def when(number: int, moment: Moment) -> StepMoment:
    return StepMoment(number, moment)


@dataclass
class Play:
    """Plays steps as a runner does, with engines that take `lag_s`; notes what was told, as ``+1@5`` and ``-1@10``."""

    steps: list[Step]
    lag_s: float = 0.0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = Timeline(self.steps)

    def start(self, t: float = 0.0) -> Play:
        return self._do(self.line.before_start(t), t)

    def zero(self, t: float) -> Play:
        return self._do(self.line.zero(t), t)

    def tick(self, t: float) -> Play:
        return self._do(self.line.tick(t), t)

    def saw(self, t: float, *events: Event | list[Event]) -> Play:
        for event in at(t, *events):
            self._do(self.line.saw(event), t)
        return self

    def touch(self, t: float, number: int = 1) -> Play:
        return self.saw(t, Touched(step=number, what="held"))

    def _do(self, actions: list[Action], t: float) -> Play:
        for action in actions:
            number, due = action.step.number, action.due
            begins = isinstance(action, Begin)
            self.notes.append(f"{'+' if begins else '-'}{number}@{due:g}")
            done = began(number, due) if begins else StepHealed(step=number, due=due)
            self.saw(t + self.lag_s, done)
        return self


def began(number: int, due: float = 0.0) -> StepBegan:
    return StepBegan(step=number, what="hang", engine="relay", fault=True, due=due)


def play(*steps: Step, zero: float = 3.0, lag_s: float = 0.0) -> Play:
    """A play whose zero has come."""
    return Play(list(steps), lag_s).start().zero(zero)


# Triggers.


def test_before_the_start_only_what_has_to_be_there_by_then_begins() -> None:
    steps = [step(1, AtTime(0.0)), step(2, AtStart()), step(3, OnRequest(CPCS)), step(4, AtStart())]
    assert Play(steps).start(0.5).notes == ["+2@0.5", "+4@0.5"]


def test_times_count_from_the_zero() -> None:
    story = play(step(1, AtTime(2.0)), step(2, AtTime(0.0)))
    assert story.notes == ["+2@3"]
    assert story.tick(4.999).notes == ["+2@3"]
    assert story.tick(5.0).notes == ["+2@3", "+1@5"]


def test_what_is_due_is_told_with_the_moment_it_was_due_at_however_late() -> None:
    assert play(step(1, AtTime(2.0))).tick(9.0).notes == ["+1@5"]


def test_any_event_tells_the_time() -> None:
    assert play(step(1, AtTime(2.0))).saw(6.0, Heartbeat(source="x")).notes == ["+1@5"]


def test_the_nth_request_that_matches_begins_a_step() -> None:
    story = play(step(1, OnRequest(CPCS, nth=2)))
    story.saw(4.0, asked()).saw(5.0, asked("GET /api/console")).saw(6.0, asked("POST /api/cpcs"))
    assert story.notes == []
    assert story.saw(7.0, asked()).saw(8.0, asked()).notes == ["+1@7"]


@pytest.mark.parametrize("who", [OTHER, ""])
def test_requests_and_lines_of_other_programs_are_not_the_agents(who: str) -> None:
    story = play(step(1, OnRequest(CPCS)), step(2, OnLog(re.compile("lost"))))
    assert story.saw(4.0, asked(who=who)).saw(4.0, log("lost", who=who)).notes == []


def test_the_nth_line_that_matches_begins_a_step() -> None:
    story = play(step(1, OnLog(re.compile("lost|gone"), nth=2)))
    story.saw(4.0, log("lost the HMC")).saw(5.0, log("all well"))
    assert story.notes == []
    assert story.saw(6.0, log("it is gone")).notes == ["+1@6"]


@pytest.mark.parametrize(
    ("trigger", "event"),
    [(OnRequest(CPCS, delay_s=0.5), asked()), (OnLog(re.compile("lost"), delay_s=0.5), log("lost the HMC"))],
)
def test_a_step_may_wait_a_while_after_what_the_agent_did(trigger: OnRequest | OnLog, event: Event) -> None:
    story = play(step(1, trigger, Until(trigger))).saw(4.0, event)
    assert story.notes == []
    assert story.saw(4.2, event).tick(4.4).tick(9.0).notes == ["+1@4.5"], "it counts from the first one"
    assert story.saw(9.5, event).tick(9.9).notes == ["+1@4.5"]
    assert story.tick(20.0).notes == ["+1@4.5", "-1@10"]


def test_what_came_before_the_zero_does_not_count() -> None:
    story = Play([step(1, OnRequest(CPCS)), step(2, OnLog(re.compile("lost")))]).start()
    story.saw(1.0, asked()).saw(2.0, log("lost")).zero(3.0)
    assert story.notes == []
    assert story.saw(3.0, asked()).saw(4.0, log("lost")).notes == ["+1@3", "+2@4"]


@pytest.mark.parametrize(
    ("moment", "notes"), [(BEGAN, ["+1@4", "+2@6.25", "-1@9.25"]), (HEALED, ["+1@4", "-1@9.25", "+2@11.5"])]
)
def test_a_step_may_wait_for_another_ones_moment_and_a_while_more(moment: Moment, notes: list[str]) -> None:
    steps = [step(1, AtTime(1.0), ForSeconds(5.0)), step(2, OnStep(when(1, moment), delay_s=2.0))]
    story = play(*steps, lag_s=LAG_S)
    assert story.tick(4.0).tick(9.25).tick(30.0).notes == sorted(notes, key=lambda note: float(note.partition("@")[2]))


@pytest.mark.parametrize("trigger", [OnRequest(CPCS, 2, when(1, HEALED)), OnLog(re.compile("x"), 2, when(1, HEALED))])
def test_a_trigger_that_names_a_moment_counts_from_it(trigger: Trigger) -> None:
    seen = [*asked(), log("x")]
    story = play(step(1, AtTime(1.0), ForSeconds(4.0)), step(2, trigger))
    story.saw(3.5, seen).saw(4.0, seen).saw(7.0, seen).tick(8.0)
    assert story.notes == ["+1@4", "-1@8"]
    assert story.saw(8.5, seen).notes == ["+1@4", "-1@8"]
    assert story.saw(9.5, seen).notes == ["+1@4", "-1@8", "+2@9.5"]


def test_a_step_at_the_start_can_be_waited_for_though_the_zero_is_yet_to_come() -> None:
    steps = [step(1, AtStart()), step(2, OnRequest(CPCS, after=when(1, BEGAN))), step(3, OnStep(when(1, BEGAN), 1.0))]
    assert Play(steps).start(0.0).saw(0.5, asked()).tick(1.5).notes == ["+1@0", "+2@0.5", "+3@1"]


# How long steps last.


def test_a_step_lasts_so_long_from_when_it_is_in_force() -> None:
    story = play(step(1, AtTime(2.0), ForSeconds(5.0)), lag_s=LAG_S).tick(5.0)
    assert story.tick(10.2).notes == ["+1@5"]
    assert story.tick(10.25).notes == ["+1@5", "-1@10.25"]


def test_a_step_without_an_end_is_left_to_the_clearing_up() -> None:
    story = play(step(1, AtTime(0.0)), step(2, AtStart())).touch(5.0).tick(1e9)
    assert story.notes == ["+2@0", "+1@3"]
    assert story.line.done


def test_once_heals_at_the_first_touch_and_only_there() -> None:
    story = play(step(1, AtTime(0.0), Once()), step(2, AtTime(0.0), Once())).touch(4.0, 2)
    assert story.notes == ["+1@3", "+2@3", "-2@4"]
    assert story.touch(5.0, 2).touch(6.0, 1).touch(7.0, 1).notes == ["+1@3", "+2@3", "-2@4", "-1@6"]


def test_once_waits_for_a_touch_to_be_over() -> None:
    """A delay that heals when data arrives would delay nothing."""
    line = Timeline([step(1, AtTime(0.0), Once())])
    line.before_start(0.0)
    assert line.zero(3.0)
    line.saw(StepBegan(t=3.0, step=1, what="latency", engine="relay", fault=True, due=3.0))
    assert not line.saw(Touched(t=4.0, step=1, what="delaying", amount=0, over=False))
    assert [type(a).__name__ for a in line.saw(Touched(t=5.0, step=1, what="made late"))] == ["Heal"]


def test_once_remembers_what_it_touched_while_it_began() -> None:
    line = Timeline([step(1, AtTime(0.0), Once())])
    line.before_start(0.0)
    assert line.zero(3.0)
    line.saw(Touched(t=3.1, step=1, what="reset"))
    healed = line.saw(StepBegan(t=3.2, step=1, what="refuse", engine="relay", fault=True, due=3.0))
    assert [(type(a).__name__, a.due) for a in healed] == [("Heal", 3.2)]


@pytest.mark.parametrize(
    ("trigger", "event"),
    [(OnRequest(CPCS, nth=2), asked()), (OnLog(re.compile("back"), nth=2), log("back"))],
)
def test_until_counts_from_the_steps_own_begin(trigger: OnRequest | OnLog, event: Event | list[Event]) -> None:
    story = play(step(1, AtTime(2.0), Until(trigger))).saw(4.0, event).tick(5.0)
    assert story.saw(6.0, event).notes == ["+1@5"]
    assert story.saw(7.0, event).saw(8.0, event).notes == ["+1@5", "-1@7"]


def test_until_another_steps_moment() -> None:
    steps = [step(1, AtTime(0.0), Until(OnStep(when(2, BEGAN), 1.5))), step(2, AtTime(4.0))]
    assert play(*steps).tick(7.0).tick(8.4).notes == ["+1@3", "+2@7"]
    assert play(*steps).tick(7.0).tick(8.5).notes == ["+1@3", "+2@7", "-1@8.5"]


def test_until_a_while_after_its_own_begin() -> None:
    story = play(step(1, AtTime(0.0), Until(OnStep(when(1, BEGAN), 2.0))), lag_s=LAG_S)
    assert story.tick(5.2).notes == ["+1@3"]
    assert story.tick(5.25).notes == ["+1@3", "-1@5.25"]


def test_until_a_moment_that_came_before_the_step_began_is_no_wait_for_ever() -> None:
    """A step that begins when another is healed is told so before it is in force itself."""
    first = step(1, AtTime(0.0), ForSeconds(2.0))
    second = step(2, OnStep(when(1, HEALED)), Until(OnStep(when(1, HEALED), 4.0)))
    assert play(first, second, lag_s=LAG_S).tick(5.25).tick(20.0).notes == ["+1@3", "-1@5.25", "+2@5.5", "-2@9.5"]
    over = step(2, AtTime(9.0), Until(OnStep(when(1, HEALED), 4.0)))
    assert play(first, over).tick(5.0).tick(12.0).notes == ["+1@3", "-1@5", "+2@12", "-2@12"]


def test_until_a_request_after_a_moment_that_came_before_counts_from_the_begin() -> None:
    first = step(1, AtTime(0.0), ForSeconds(2.0))
    second = step(2, AtTime(5.0), Until(OnRequest(CPCS, after=when(1, HEALED))))
    story = play(first, second).tick(5.0).saw(6.0, asked()).tick(8.0)
    assert story.notes == ["+1@3", "-1@5", "+2@8"]
    assert story.saw(9.0, asked()).notes == ["+1@3", "-1@5", "+2@8", "-2@9"]


def test_until_a_request_after_a_moment_that_is_yet_to_come() -> None:
    first = step(1, AtTime(0.0), Until(OnRequest(CPCS, after=when(2, BEGAN))))
    story = play(first, step(2, AtTime(2.0))).saw(4.0, asked()).tick(5.0)
    assert story.saw(5.5, asked()).notes == ["+1@3", "+2@5", "-1@5.5"]


# Order, overlap, and what is left.


def test_steps_overlap_and_all_is_told_in_the_order_of_time_then_of_the_file() -> None:
    steps = [
        step(1, AtTime(4.0)),
        step(2, AtTime(1.0), ForSeconds(3.0)),
        step(3, AtTime(2.0), ForSeconds(1.0)),
        step(4, AtTime(2.0), ForSeconds(2.0)),
    ]
    story = play(*steps)
    for t in (4.0, 5.0, 6.0, 7.0):
        story.tick(t)
    assert story.notes == ["+2@4", "+3@5", "+4@5", "-3@6", "+1@7", "-2@7", "-4@7"]


def test_a_late_tick_tells_all_that_was_due_in_its_order() -> None:
    steps = [step(3, AtTime(1.0)), step(1, AtTime(2.0)), step(2, AtTime(1.0))]
    assert play(*steps).tick(9.0).notes == ["+2@4", "+3@4", "+1@5"]


def test_the_next_moment_is_the_earliest_that_time_alone_brings() -> None:
    steps = [step(1, AtTime(2.0), ForSeconds(1.0)), step(2, AtTime(7.0)), step(3, OnRequest(CPCS))]
    story = Play(steps).start()
    assert story.line.next_due() is None
    assert story.zero(3.0).line.next_due() == 5.0
    assert story.tick(5.0).line.next_due() == 6.0
    assert story.tick(6.0).line.next_due() == 10.0
    assert story.tick(10.0).line.next_due() is None


def test_it_is_done_when_all_has_begun_and_nothing_waits_for_its_healing() -> None:
    story = Play([step(1, AtTime(0.0), ForSeconds(1.0)), step(2, OnRequest(CPCS))]).start()
    assert not story.line.done
    assert not story.zero(3.0).line.done
    assert [s.number for s in story.line.never_began()] == [2]
    assert not story.saw(3.5, asked()).line.done
    assert story.tick(4.0).line.done
    assert story.line.never_began() == []
    assert Timeline([]).done


def test_a_step_that_could_not_begin_is_over_and_did_not_miss_its_trigger() -> None:
    line = Timeline([step(1, AtTime(0.0), ForSeconds(1.0)), step(2, OnStep(when(1, BEGAN)))])
    line.before_start(0.0)
    assert len(line.zero(3.0)) == 1
    assert not line.done
    assert line.saw(StepFailed(t=3.1, step=1, phase="begin", error="oh")) == []
    assert [s.number for s in line.never_began()] == [2]
    alone = Timeline([step(1, AtTime(0.0), ForSeconds(1.0))])
    alone.before_start(0.0)
    alone.zero(3.0)
    alone.saw(StepFailed(t=3.1, step=1, phase="begin", error="oh"))
    assert alone.done


def test_what_is_told_twice_happens_once() -> None:
    story = play(step(1, AtTime(0.0), ForSeconds(2.0)), step(2, OnStep(when(1, HEALED))))
    story.saw(3.5, began(1)).tick(5.0).saw(5.5, began(1), StepHealed(step=1, due=5.0)).tick(30.0)
    assert story.notes == ["+1@3", "-1@5", "+2@5"]


def test_a_healing_of_what_never_began_is_no_moment() -> None:
    story = play(step(1, OnRequest(CPCS)), step(2, OnStep(when(1, HEALED))))
    assert story.saw(4.0, StepHealed(step=1, due=4.0)).tick(30.0).notes == []


# The laws, for any timeline and any conversation.

NUMBERS = st.integers(1, 4)
SECONDS = st.sampled_from([0.0, 0.5, 1.0, 2.5])
MOMENTS = st.builds(StepMoment, NUMBERS, st.sampled_from(Moment))
COUNTED = st.one_of(
    st.builds(OnRequest, st.just(CPCS), st.integers(1, 3), st.none() | MOMENTS),
    st.builds(OnLog, st.just(re.compile("x")), st.integers(1, 3), st.none() | MOMENTS),
)
MOMENTARY = st.builds(OnStep, MOMENTS, SECONDS)
TRIGGERS = st.one_of(st.just(AtStart()), st.builds(AtTime, SECONDS), COUNTED, MOMENTARY)
LASTING = st.one_of(
    st.just(ToTheEnd()), st.just(Once()), st.builds(ForSeconds, SECONDS), st.builds(Until, COUNTED | MOMENTARY)
)
TIMELINES = st.lists(st.tuples(TRIGGERS, LASTING), min_size=1, max_size=4).map(
    lambda parts: [step(number, *part) for number, part in enumerate(parts, 1)]
)
EVENTS = st.one_of(
    st.sampled_from([AGENT, OTHER]).map(lambda who: asked(who=who)[0]),
    st.just(log("x")),
    st.just(Heartbeat(source="x")),
    st.builds(Touched, step=NUMBERS, what=st.just("held")),
)
CONVERSATIONS = st.lists(st.tuples(SECONDS, EVENTS), max_size=12)


@dataclass
class Talk:
    """A conversation with a timeline, event by event, and what came of it."""

    told: list[tuple[Action, float]] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)


def talk(steps: list[Step], zero_at: int, conversation: list[tuple[float, Event]], lag_s: float) -> Talk:
    """Plays a conversation: the zero comes before its nth event; each action is carried out after a lag."""
    line, record, now, zero = Timeline(steps), Talk(), 0.0, None

    def carry_out(actions: list[Action]) -> None:
        nonlocal now
        dues = [(action.due, action.step.number) for action in actions]
        assert dues == sorted(dues), "what is told at once is in the order of its time, then of the file"
        for action in actions:
            record.told.append((action, now))
            number = action.step.number
            now += lag_s
            done = began(number) if isinstance(action, Begin) else StepHealed(step=number, due=action.due)
            hear(at(now, done)[0])

    def hear(event: Event) -> None:
        record.heard.append(event)
        carry_out(line.saw(event))

    carry_out(line.before_start(now))
    for n, (pause_s, event) in enumerate([*conversation, (5.0, Heartbeat(source="end"))]):
        if n == zero_at:
            zero = now
            carry_out(line.zero(now))
        now += pause_s
        hear(at(now, event)[0])
    _check_triggers(record, zero)
    return record


def _check_triggers(record: Talk, zero: float | None) -> None:
    """Law 2: each step that began by itself has its trigger in what was heard before."""
    for action, told_at in record.told:
        if isinstance(action, Begin):
            since = _since(action.step.trigger, record.heard, zero)
            assert since is not None
            assert since <= action.due <= told_at


def _since(trigger: Trigger, heard: list[Event], zero: float | None) -> float | None:
    """The earliest moment at which a trigger can have come."""
    match trigger:
        case AtStart():
            return 0.0
        case AtTime(seconds=seconds):
            return None if zero is None else zero + seconds
        case OnStep(moment=moment, delay_s=delay_s):
            past = _moment(moment, heard)
            return None if past is None else past + delay_s
        case OnRequest(after=None) | OnLog(after=None):
            return zero
        case OnRequest(after=StepMoment() as after) | OnLog(after=StepMoment() as after):
            return _moment(after, heard)
    return None


def _moment(moment: StepMoment, heard: list[Event]) -> float | None:
    kind = StepBegan if moment.moment is BEGAN else StepHealed
    return next((e.t for e in heard if isinstance(e, kind) and e.step == moment.step), None)


@settings(max_examples=80, deadline=None)
@given(steps=TIMELINES, zero_at=st.integers(0, 4), conversation=CONVERSATIONS, lag_s=st.sampled_from([0.0, LAG_S]))
def test_each_step_begins_and_heals_at_most_once_in_that_order_and_never_before_its_trigger(
    steps: list[Step], zero_at: int, conversation: list[tuple[float, Event]], lag_s: float
) -> None:
    told = [(isinstance(a, Begin), a.step.number) for a, _ in talk(steps, zero_at, conversation, lag_s).told]
    assert len(told) == len(set(told))
    for begins, number in told:
        assert begins or told.index((True, number)) < told.index((False, number))


@settings(max_examples=25, deadline=None)
@given(steps=TIMELINES, zero_at=st.integers(0, 4), conversation=CONVERSATIONS)
def test_the_same_conversation_is_answered_in_the_same_way(
    steps: list[Step], zero_at: int, conversation: list[tuple[float, Event]]
) -> None:
    first, second = (talk(steps, zero_at, conversation, LAG_S) for _ in range(2))
    assert first.told == second.told


@settings(max_examples=25, deadline=None)
@given(steps=TIMELINES, conversation=CONVERSATIONS)
def test_without_a_zero_only_steps_of_the_start_and_what_hangs_on_them_begin(
    steps: list[Step], conversation: list[tuple[float, Event]]
) -> None:
    told = [action.step for action, _ in talk(steps, 99, conversation, 0.0).told if isinstance(action, Begin)]
    assert all(not isinstance(s.trigger, AtTime) and getattr(s.trigger, "after", s) is not None for s in told)

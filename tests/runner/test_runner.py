"""The runner, in virtual time, with engines and an agent that only tell what they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from harness.checks.conditions import HeartbeatsSeen
from harness.core.commands import Command, Hang
from harness.core.events import (
    ComponentCrashed,
    Heartbeat,
    Leftover,
    ProcessExited,
    ProcessStarted,
    RequestArrived,
    SteadyMissed,
    StepBegan,
    StepFailed,
    StepHealed,
    StepNeverBegan,
    Touched,
    WatchEnded,
)
from harness.core.history import History
from harness.core.patterns import ANY_REQUEST
from harness.core.scenario import (
    AtStart,
    AtTime,
    Condition,
    ForSeconds,
    Lasting,
    Once,
    OnRequest,
    Place,
    Scenario,
    Step,
    ToTheEnd,
    Trigger,
)
from harness.core.verdict import Expectation, Finding, Outcome
from harness.errors import AgentNotStartable, EngineFailed
from harness.observe.recorder import TrialRecorder
from harness.runner import Runner
from tests.virtual_time import VirtualClock, run

PLACE = Place("x.scenario.yaml", 1, 1)


@dataclass(frozen=True)
class WatchFor:
    """A check that wants to watch until a time."""

    until: float

    def judge(self, history: History) -> Finding:
        return Finding("watch", Outcome.PASS, str(len(history)))

    def watch_until(self, history: History) -> float:
        return self.until


@dataclass
class FakeEngine:
    """Tells what it was asked; fails or does more where it is told to."""

    asked: list[str] = field(default_factory=list)
    fails: frozenset[str] = frozenset()
    also: Callable[[], None] | None = None
    begin_takes_s: float = 0.0
    heal_takes_s: float = 0.0

    async def begin(self, step: int, command: Command) -> None:
        await self._do(f"begin {step}")
        if self.begin_takes_s:
            await asyncio.sleep(self.begin_takes_s)
            self.asked.append(f"begun {step}")
        if self.also:
            self.also()

    async def heal(self, step: int) -> None:
        await self._do(f"heal {step}")
        if self.heal_takes_s:
            await asyncio.sleep(self.heal_takes_s)

    async def _do(self, what: str) -> None:
        self.asked.append(what)
        if what in self.fails:
            raise EngineFailed("no")


@dataclass
class FakeAgent:
    """Plays a script once it is started."""

    recorder: TrialRecorder
    script: Callable[[], Awaitable[None]] | None = None
    stopped: int = 0
    task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.recorder.record(ProcessStarted(who="agent", pid=1))
        if self.script is not None:
            self.task = asyncio.ensure_future(self._play())

    async def _play(self) -> None:
        assert self.script is not None
        await self.script()

    async def stop(self) -> None:
        self.stopped += 1
        if self.task is not None:
            self.task.cancel()


def step(number: int, trigger: Trigger, lasting: Lasting | None = None) -> Step:
    return Step(
        number=number,
        name="",
        what="hang",
        command=Hang(),
        engine="relay",
        needs_witness=True,
        trigger=trigger,
        lasting=lasting or ToTheEnd(),
        place=PLACE,
    )


def scenario(
    *timeline: Step, steady: tuple[Condition, ...] = (), until: float = 0.0, give_up_after_s: float = 60.0
) -> Scenario:
    return Scenario(
        id="x",
        file="x.scenario.yaml",
        title="",
        why="",
        requirements=(),
        tags=(),
        agent="a",
        agent_settings={},
        inventory="i",
        job_seconds=0.1,
        steady=steady,
        steady_within_s=5.0,
        give_up_after_s=give_up_after_s,
        timeline=timeline,
        expect=(Expectation("watch", WatchFor(until)),),
        known=(),
        document="{}",
        place=PLACE,
    )


@dataclass
class Stage:
    """A runner with everything around it; `play` inside of virtual time."""

    scenario: Scenario
    engine: FakeEngine = field(default_factory=FakeEngine)
    script: Callable[[Stage], Awaitable[None]] | None = None
    recorder: TrialRecorder = field(init=False)
    agent: FakeAgent = field(init=False)
    runner: Runner = field(init=False)

    def play(self) -> History:
        return run(self._play())

    async def _play(self) -> History:
        self.set_up()
        await self.runner.run()
        return self.recorder.history

    def set_up(self) -> None:
        clock = VirtualClock()
        self.recorder = TrialRecorder(clock)
        self.agent = FakeAgent(self.recorder, (lambda: self.script(self)) if self.script else None)  # type: ignore[misc]  # the lambda is made only with a script
        self.runner = Runner(self.scenario, self.recorder, clock, {"relay": self.engine}, self.agent)


def times(history: History, kind: type) -> list[float]:
    return [round(e.t, 6) for e in history if isinstance(e, kind)]


def test_steps_begin_and_heal_at_their_times() -> None:
    history = Stage(scenario(step(1, AtTime(2.0), ForSeconds(3.0)), until=7.0)).play()
    assert times(history, StepBegan) == [2.0]
    assert times(history, StepHealed) == [5.0]
    assert times(history, WatchEnded) == [7.0]


def test_a_step_at_start_is_in_force_before_the_agent_starts() -> None:
    history = Stage(scenario(step(1, AtStart()))).play()
    kinds = [type(e) for e in history if isinstance(e, StepBegan | ProcessStarted)]
    assert kinds == [StepBegan, ProcessStarted]


def test_a_step_on_a_request_is_in_force_before_the_request_goes_on() -> None:
    stage = Stage(scenario(step(1, OnRequest(ANY_REQUEST, nth=2)), until=5.0))
    seen: list[list[str]] = []

    async def script(stage: Stage) -> None:
        for number in (1, 2):
            stage.recorder.record(RequestArrived(request=number, method="GET", path="/api", who="agent"))
            await stage.runner.caught_up()
            seen.append(list(stage.engine.asked))

    stage.script = script
    stage.play()
    assert seen == [[], ["begin 1"]]


@pytest.mark.parametrize("trigger", [AtTime(1.0), OnRequest(ANY_REQUEST, delay_s=1.0)])
def test_no_request_waits_for_a_slow_engine_where_no_step_has_to_be_in_force_for_it(trigger: Trigger) -> None:
    stage = Stage(scenario(step(1, trigger), until=9.0))
    stage.engine.begin_takes_s = 5.0
    went_on: list[float] = []

    async def script(stage: Stage) -> None:
        for number in range(3):
            stage.recorder.record(RequestArrived(request=number, method="GET", path="/api", who="agent"))
            await stage.runner.caught_up()
            went_on.append(stage.recorder.now())
            await asyncio.sleep(1.5)

    stage.script = script
    assert times(stage.play(), StepBegan) == [6.0]
    assert went_on == [0.0, 1.5, 3.0]


class SlowEngine(FakeEngine):
    """Says that its healing takes longer than others'."""

    HEAL_WITHIN_S = 20.0


@pytest.mark.parametrize(("engine", "healed"), [(FakeEngine, []), (SlowEngine, [17.0])])
def test_an_engine_that_needs_more_time_to_heal_says_so(engine: type[FakeEngine], healed: list[float]) -> None:
    stage = Stage(scenario(step(1, AtTime(1.0), ForSeconds(1.0)), until=3.0), engine=engine(heal_takes_s=15.0))
    assert times(stage.play(), StepHealed) == healed


def test_once_heals_even_if_beginning_was_what_touched() -> None:
    stage = Stage(scenario(step(1, AtTime(1.0), Once()), until=2.0))
    stage.engine.also = lambda: stage.recorder.record(Touched(step=1, what="reset"))
    assert times(stage.play(), StepHealed) == [1.0]


def test_the_trial_ends_with_the_agent_and_says_which_steps_never_began() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(3.0)
        stage.recorder.record(ProcessExited(who="agent", status=1, asked=False))

    history = Stage(scenario(step(1, AtTime(10.0)), until=50.0), script=script).play()
    assert times(history, WatchEnded) == [3.0]
    assert [e.step for e in history.all(StepNeverBegan)] == [1]


def test_a_step_that_began_before_an_agent_that_is_gone_at_once_did_begin() -> None:
    stage = Stage(scenario(step(1, AtStart()), step(2, AtTime(1.0)), until=50.0))

    async def start() -> None:
        stage.recorder.record(ProcessStarted(who="agent", pid=1))
        stage.recorder.record(ProcessExited(who="agent", status=1, asked=False))

    async def play() -> History:
        stage.set_up()
        stage.agent.start = start  # type: ignore[method-assign]  # this one is gone at once
        await stage.runner.run()
        return stage.recorder.history

    history = run(play())
    assert [e.step for e in history.all(StepBegan)] == [1]
    assert [e.step for e in history.all(StepNeverBegan)] == [2]


def test_the_steady_state_is_waited_for() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(1.5)
        stage.recorder.record(Heartbeat(source="x"))

    history = Stage(scenario(step(1, AtTime(1.0)), steady=(HeartbeatsSeen(count=1),)), script=script).play()
    assert history.zero == 1.5
    assert times(history, StepBegan) == [2.5]


def test_a_steady_state_that_never_holds_ends_the_trial_before_any_fault() -> None:
    history = Stage(scenario(step(1, AtTime(0.0)), steady=(HeartbeatsSeen(count=1),))).play()
    missed = history.first(SteadyMissed)
    assert missed is not None
    assert "0 of 1 heartbeats arrived" in missed.reason
    assert times(history, WatchEnded) == [5.0]
    assert not history.all(StepBegan)


def test_it_gives_up_in_the_end() -> None:
    history = Stage(scenario(step(1, OnRequest(ANY_REQUEST)), give_up_after_s=9.0)).play()
    assert times(history, WatchEnded) == [9.0]
    assert [e.step for e in history.all(StepNeverBegan)] == [1]


def test_a_step_that_cannot_begin_is_told_and_the_others_go_on() -> None:
    stage = Stage(scenario(step(1, AtTime(0.0)), step(2, AtTime(1.0)), until=2.0))
    stage.engine.fails = frozenset({"begin 1"})
    history = stage.play()
    assert [(e.step, e.phase) for e in history.all(StepFailed)] == [(1, "begin")]
    assert [e.step for e in history.all(StepBegan)] == [2]


def test_what_is_in_force_is_healed_at_the_end_newest_first_also_when_one_healing_fails() -> None:
    stage = Stage(scenario(step(1, AtTime(0.0)), step(2, AtTime(1.0)), step(3, AtTime(2.0)), until=3.0))
    stage.engine.fails = frozenset({"heal 2"})
    history = stage.play()
    assert stage.engine.asked[3:] == ["heal 3", "heal 2", "heal 1"]
    assert [(e.step, e.phase) for e in history.all(StepFailed)] == [(2, "heal")]
    assert stage.agent.stopped == 1


def test_a_crash_in_the_middle_heals_stops_the_agent_and_is_told() -> None:
    stage = Stage(scenario(step(1, AtTime(0.0)), step(2, AtTime(1.0)), until=3.0))
    stage.engine.also = lambda: 1 / 0 if len(stage.engine.asked) == 2 else None  # type: ignore[assignment]  # it has to crash
    history = stage.play()
    crashed = history.first(ComponentCrashed)
    assert crashed is not None
    assert "ZeroDivisionError" in crashed.error
    assert "heal 1" in stage.engine.asked
    assert stage.agent.stopped == 1


def test_an_interrupted_trial_heals_and_stops_the_agent() -> None:
    async def interrupted(stage: Stage) -> None:
        stage.set_up()
        task = asyncio.ensure_future(stage.runner.run())
        await asyncio.sleep(2.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    stage = Stage(scenario(step(1, AtTime(0.0)), until=50.0))
    run(interrupted(stage))
    assert stage.engine.asked == ["begin 1", "heal 1"]
    assert stage.agent.stopped == 1
    ended = stage.recorder.history.first(WatchEnded)
    assert ended is not None
    assert ended.reason == "interrupted"


def test_an_agent_that_cannot_be_stopped_is_a_leftover() -> None:
    stage = Stage(scenario())

    async def stop() -> None:
        raise OSError("it will not go")

    async def play() -> History:
        stage.set_up()
        stage.agent.stop = stop  # type: ignore[method-assign]  # this one fails
        await stage.runner.run()
        return stage.recorder.history

    left = run(play()).first(Leftover)
    assert left is not None
    assert "it will not go" in left.what


def test_an_agent_that_cannot_be_started_is_told_after_everything_is_healed() -> None:
    stage = Stage(scenario(step(1, AtStart())))

    async def start() -> None:
        raise AgentNotStartable("not there")

    async def play() -> None:
        stage.set_up()
        stage.agent.start = start  # type: ignore[method-assign]  # this one fails
        with pytest.raises(AgentNotStartable):
            await stage.runner.run()

    run(play())
    assert stage.engine.asked == ["begin 1", "heal 1"]


async def a_request_and_the_end(stage: Stage) -> None:
    """A request at 2 s, which waits until what it triggers is in force; the agent is gone at 3 s."""

    async def request() -> None:
        await asyncio.sleep(2.0)
        stage.recorder.record(RequestArrived(request=1, method="GET", path="/api", who="agent"))
        await stage.runner.caught_up()

    going = asyncio.ensure_future(request())
    await asyncio.sleep(3.0)
    stage.recorder.record(ProcessExited(who="agent", status=1, asked=False))
    await going


def test_a_step_that_is_just_beginning_when_the_trial_is_interrupted_is_healed_after_it_began() -> None:
    stage = Stage(scenario(step(1, OnRequest(ANY_REQUEST)), until=50.0), script=a_request_and_the_end)
    stage.engine.begin_takes_s = 5.0

    async def interrupted() -> None:
        stage.set_up()
        task = asyncio.ensure_future(stage.runner.run())
        await asyncio.sleep(2.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(interrupted())
    assert stage.engine.asked == ["begin 1", "begun 1", "heal 1"]


def test_a_request_that_waited_for_its_turn_begins_nothing_once_the_watching_has_ended() -> None:
    stage = Stage(
        scenario(step(1, AtTime(1.0)), step(2, OnRequest(ANY_REQUEST)), until=50.0), script=a_request_and_the_end
    )
    stage.engine.begin_takes_s = 5.0
    stage.play()
    assert stage.engine.asked == ["begin 1", "begun 1", "heal 1"]


def test_a_begin_that_never_ends_is_told_and_healed_all_the_same() -> None:
    stage = Stage(scenario(step(1, AtTime(0.0)), until=2.0))
    stage.engine.begin_takes_s = 1e6
    history = stage.play()
    assert [(e.step, e.phase, e.error) for e in history.all(StepFailed)] == [(1, "begin", "took more than 40 s")]
    assert stage.engine.asked == ["begin 1", "heal 1"]

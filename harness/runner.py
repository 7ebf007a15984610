"""Walks one trial: begins steps when they are due, heals them, watches until every check can decide, clears up.

Laws:
1. A step that is triggered by a request, without a delay, is in force before that request is carried out.
2. Whatever goes wrong, every step that began is healed, newest first, and the agent is stopped; what cannot be
   cleared up is recorded (`Leftover`) and hides nothing.
3. The runner decides when to stop watching, never what the verdict is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.core.events import (
    ComponentCrashed,
    Event,
    Leftover,
    SteadyHeld,
    SteadyMissed,
    StepBegan,
    StepFailed,
    StepHealed,
    StepNeverBegan,
    TimelineBegan,
    WatchEnded,
)
from harness.core.history import History
from harness.core.interfaces import Clock, Engine, Recorder
from harness.core.scenario import OnLog, OnRequest, Scenario, Step, Until
from harness.core.timeline import Action, Begin, Heal, Timeline
from harness.errors import AgentNotStartable, EngineFailed

BEGIN_WITHIN_S = 40.0
"""A begin that takes longer counts as failed: the start of a program, the longest of them, is given up after 30 s."""

HEAL_WITHIN_S = 10.0
"""A healing that takes longer counts as failed, unless its engine has a HEAL_WITHIN_S of its own."""


class Agent(Protocol):
    """The program under test, as the runner sees it."""

    async def start(self) -> None:
        """Execute it.

        Raises:
            AgentNotStartable: it cannot be executed.
        """
        ...

    async def stop(self) -> None:
        """Stop it and everything that it started, whatever it takes."""
        ...


class Recording(Recorder, Protocol):
    """A recorder whose history can be read, and that tells of each event."""

    history: History

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call this for every event from now on."""
        ...


@dataclass(slots=True)
class Runner:
    """One trial in motion. `run` once."""

    scenario: Scenario
    recorder: Recording
    clock: Clock
    engines: Mapping[str, Engine]
    agent: Agent
    _timeline: Timeline = field(init=False)
    _news: list[Event] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    _in_force: dict[int, Step] = field(default_factory=dict)
    _over: bool = False

    def __post_init__(self) -> None:
        """Hear every event from the begin."""
        self._timeline = Timeline(self.scenario.timeline)
        self.recorder.listen(self._on_event)

    async def run(self) -> None:
        """Play the trial to its end; the history then holds all that happened."""
        reason = "a part of the harness failed"
        try:
            reason = await self._play()
        except asyncio.CancelledError:
            reason = "interrupted"
            raise
        except AgentNotStartable:
            reason = "the agent could not be started"
            raise
        except Exception as error:  # noqa: BLE001 - law 2: clearing up comes first, and the verdict says UNKNOWN
            self.recorder.record(ComponentCrashed(component="runner", error=f"{type(error).__name__}: {error}"))
        finally:
            self._over = True
            self.recorder.record(WatchEnded(reason=reason))
            await asyncio.shield(self._clear_up())

    async def caught_up(self) -> None:
        """Return when every step that is due by what was recorded so far is in force or healed.

        Where no step waits for what the agent does, no request has to wait for a step: an engine that needs seconds to
        begin or heal would make the HMC hang.
        """
        if not self._over and any(map(_heeds_the_agent, self.scenario.timeline)):
            await self._act()

    # The way of a trial.

    async def _play(self) -> str:
        await self._carry_out(self._timeline.before_start(self.recorder.now()))
        if not self.scenario.steady:
            await self._begin_timeline()
            await self.agent.start()
        else:
            await self.agent.start()
            missing = await self._steady()
            if missing is not None:
                self.recorder.record(SteadyMissed(reason=missing))
                return "the steady state never held"
            self.recorder.record(SteadyHeld())
            await self._begin_timeline()
        reason = await self._watch()
        for event in self._news:  # an agent may be gone before the timeline has heard what began; nothing begins now
            self._timeline.saw(event)
        for step in self._timeline.never_began():
            self.recorder.record(StepNeverBegan(step=step.number, what=step.what))
        return reason

    async def _begin_timeline(self) -> None:
        self.recorder.record(TimelineBegan())
        await self._carry_out(self._timeline.zero(self.recorder.history.now))

    async def _steady(self) -> str | None:
        """Wait for the steady state; returns what was missing at the end, or None."""
        deadline = self.recorder.now() + self.scenario.steady_within_s
        while True:
            history = self.recorder.history
            missing = [lack for c in self.scenario.steady if (lack := c.missing(history)) is not None]
            if not missing:
                return None
            if history.exited() is not None:
                return f"{'; '.join(missing)} (the agent is gone)"
            if self.recorder.now() >= deadline:
                return f"{'; '.join(missing)} within {self.scenario.steady_within_s:g} s"
            await self._next(deadline)

    async def _watch(self) -> str:
        """Until every check can decide; returns why the watching ended."""
        zero = self.recorder.history.zero or 0.0
        last = zero + self.scenario.give_up_after_s
        while True:
            history, now = self.recorder.history, self.recorder.now()
            if history.exited() is not None:
                return "the agent is gone"
            if now >= last:
                return f"given up {self.scenario.give_up_after_s:g} s after the timeline's begin"
            due = self._timeline.next_due()
            if self._timeline.done:
                due = max((e.check.watch_until(history) for e in self.scenario.expect), default=0.0)
                if now >= due:
                    return "every check can decide"
            await self._next(last if due is None else min(due, last))

    async def _next(self, until: float) -> None:
        """Wait for news or for a moment, and do what is due by then."""
        if not self._news:
            self._wake.clear()
            await _first_of(self._wake.wait(), self.clock.sleep(max(0.0, until - self.recorder.now())))
        await self._act()

    async def _act(self) -> None:
        async with self._busy:
            if self._over:  # while it waited: what begins now would outlast the clearing up
                return
            news, self._news = self._news, []
            for event in news:
                await self._carry_out(self._timeline.saw(event))
            await self._carry_out(self._timeline.tick(self.recorder.now()))

    def _on_event(self, event: Event) -> None:
        if not self._over:
            self._news.append(event)
            self._wake.set()

    # Steps.

    async def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Begin(step=step, due=due):
                    await self._begin(step, due)
                case Heal(step=step, due=due):
                    await self._heal(step, due)

    async def _begin(self, step: Step, due: float) -> None:
        # Entered first: a begin that is interrupted half-way has to be healed, too.
        self._in_force[step.number] = step
        try:
            async with asyncio.timeout(BEGIN_WITHIN_S):
                await self.engines[step.engine].begin(step.number, step.command)
        except EngineFailed as error:
            del self._in_force[step.number]
            self.recorder.record(StepFailed(step=step.number, phase="begin", error=str(error)))
            return
        except TimeoutError:
            words = f"took more than {BEGIN_WITHIN_S:g} s"
            self.recorder.record(StepFailed(step=step.number, phase="begin", error=words))
            return
        self.recorder.record(
            StepBegan(step=step.number, what=step.what, engine=step.engine, fault=step.needs_witness, due=due)
        )

    async def _heal(self, step: Step, due: float) -> None:
        del self._in_force[step.number]
        engine = self.engines[step.engine]
        within_s: float = getattr(engine, "HEAL_WITHIN_S", HEAL_WITHIN_S)
        try:
            async with asyncio.timeout(within_s):
                await engine.heal(step.number)
        except (EngineFailed, TimeoutError) as error:
            words = str(error) or f"took more than {within_s:g} s"
            self.recorder.record(StepFailed(step=step.number, phase="heal", error=words))
            return
        self.recorder.record(StepHealed(step=step.number, due=due))

    # Clearing up.

    async def _clear_up(self) -> None:
        # Healing comes first: an agent that waits for a sick HMC would need its whole grace to end.
        async with self._busy:  # a step that a request has begun to begin is in force, or not, when it is healed
            for step in reversed(list(self._in_force.values())):
                await self._try(f"step {step.number} ({step.what})", self._heal(step, self.recorder.now()))
        await self._try("the agent", self.agent.stop())

    async def _try(self, what: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - law 2: one healing that fails must not keep the next from its turn
            self.recorder.record(Leftover(what=f"{what}: {type(error).__name__}: {error}"))


def _heeds_the_agent(step: Step) -> bool:
    ending = step.lasting.trigger if isinstance(step.lasting, Until) else None
    return any(isinstance(each, OnRequest | OnLog) and not each.delay_s for each in (step.trigger, ending))


async def _first_of(*ways: Coroutine[object, object, object]) -> None:
    """Return when one of them has ended; the others are cancelled."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()

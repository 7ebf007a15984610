"""Plays a timeline without waiting: it is told the time and what happened, and says what is to begin and to heal.

Laws:
1. Each step begins at most once, and is healed at most once, after it began.
2. A step begins only when its trigger came; a trigger counts only what came after the timeline's zero, or after the
   moment of the other step that it names. What a step lasts until counts from its own begin.
3. What is due is told in the order of its time, then of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.core.events import AGENT, Event, LogLine, RequestArrived, StepBegan, StepFailed, StepHealed, Touched
from harness.core.patterns import RequestPattern
from harness.core.scenario import (
    AtStart,
    AtTime,
    ForSeconds,
    Moment,
    Once,
    OnLog,
    OnRequest,
    OnStep,
    Step,
    StepMoment,
    Trigger,
    Until,
)


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin this step now; it was due at this time."""

    step: Step
    due: float


@dataclass(frozen=True, slots=True)
class Heal:
    """Heal this step now; it was due at this time."""

    step: Step
    due: float


Action = Begin | Heal


@dataclass(slots=True)
class _Watch:
    """One trigger that is being waited for: counts what matches, or knows its time."""

    trigger: Trigger
    since: float | None
    seen: int = 0
    due: float | None = None

    def counts(self, event: Event) -> bool:
        if self.since is None or event.t < self.since:
            return False
        match self.trigger:
            case OnRequest(pattern=pattern):
                return _is_request(event, pattern)
            case OnLog(pattern=pattern):
                return _is_line(event, pattern)
        return False


def _is_request(event: Event, pattern: RequestPattern) -> bool:
    return isinstance(event, RequestArrived) and event.who == AGENT and pattern.matches(event.method, event.path)


def _is_line(event: Event, pattern: re.Pattern[str]) -> bool:
    return isinstance(event, LogLine) and event.who == AGENT and pattern.search(event.text) is not None


@dataclass(slots=True)
class Timeline:
    """The state of a timeline that is being played."""

    steps: Sequence[Step]
    _waiting: dict[int, _Watch] = field(default_factory=dict)
    _ending: dict[int, _Watch] = field(default_factory=dict)
    _began: dict[int, float] = field(default_factory=dict)
    _healed: dict[int, float] = field(default_factory=dict)
    _touched: set[int] = field(default_factory=set)
    _failed: set[int] = field(default_factory=set)
    """Steps that could not begin: they are over, and their moments never come."""

    def before_start(self, now: float) -> list[Action]:
        """The steps that have to be in force before the agent starts."""
        chosen = [step for step in self.steps if isinstance(step.trigger, AtStart)]
        self._waiting = {s.number: _Watch(s.trigger, None) for s in self.steps if s not in chosen}
        return [Begin(step, now) for step in chosen]

    def zero(self, now: float) -> list[Action]:
        """The timeline's zero has come; returns what is due at once."""
        for watch in self._waiting.values():
            match watch.trigger:
                case AtTime(seconds=seconds):
                    watch.due = now + seconds
                case OnRequest(after=None) | OnLog(after=None):
                    watch.since = now
        return self.tick(now)

    def tick(self, now: float) -> list[Action]:
        """What is due by now."""
        begins = [(w.due, s) for s, w in self._pairs(self._waiting) if w.due is not None and w.due <= now]
        heals = [(w.due, s) for s, w in self._pairs(self._ending) if w.due is not None and w.due <= now]
        actions: list[tuple[float, int, Action]] = [(d, s.number, Begin(s, d)) for d, s in begins]
        actions += [(d, s.number, Heal(s, d)) for d, s in heals]
        for _, step in begins:
            del self._waiting[step.number]
        for _, step in heals:
            del self._ending[step.number]
        return [action for _, _, action in sorted(actions, key=lambda item: item[:2])]

    def saw(self, event: Event) -> list[Action]:
        """Tell it what happened; returns what is due because of that."""
        match event:
            case StepBegan():
                self._on_began(event)
            case StepHealed():
                self._on_healed(event)
            case StepFailed() if event.step not in self._began:
                self._failed.add(event.step)
            case Touched():
                self._on_touched(event)
            case RequestArrived() | LogLine():
                for watch in (*self._waiting.values(), *self._ending.values()):
                    self._count(watch, event)
        return self.tick(event.t)

    def next_due(self) -> float | None:
        """The next moment at which something is due by time alone."""
        watches = (*self._waiting.values(), *self._ending.values())
        return min((w.due for w in watches if w.due is not None), default=None)

    @property
    def done(self) -> bool:
        """Every step has begun or could not, and none is waiting to be healed."""
        return not self._waiting and not self._ending and len(self._began) + len(self._failed) == len(self.steps)

    def never_began(self) -> list[Step]:
        """Steps whose trigger has not come."""
        return [step for step in self.steps if step.number not in self._began and step.number not in self._failed]

    def _pairs(self, watches: dict[int, _Watch]) -> list[tuple[Step, _Watch]]:
        return [(step, watches[step.number]) for step in self.steps if step.number in watches]

    def _on_began(self, event: StepBegan) -> None:
        if event.step in self._began:
            return
        self._began[event.step] = event.t
        step = next(s for s in self.steps if s.number == event.step)
        match step.lasting:
            case ForSeconds(seconds=seconds):
                self._ending[step.number] = _Watch(AtTime(seconds), event.t, due=event.t + seconds)
            case Once():
                # Beginning may itself touch something: a refusal resets what is open before it is told to be in force.
                due = event.t if step.number in self._touched else None
                self._ending[step.number] = _Watch(AtStart(), event.t, due=due)
            case Until(trigger=trigger):
                self._ending[step.number] = self._ending_watch(trigger, event.t)
        self._reached(StepMoment(event.step, Moment.BEGAN), event.t)

    def _on_healed(self, event: StepHealed) -> None:
        if event.step in self._healed or event.step not in self._began:
            return
        self._healed[event.step] = event.t
        self._ending.pop(event.step, None)
        self._reached(StepMoment(event.step, Moment.HEALED), event.t)

    def _on_touched(self, event: Touched) -> None:
        if not event.over:
            return
        self._touched.add(event.step)
        watch = self._ending.get(event.step)
        step = next((s for s in self.steps if s.number == event.step), None)
        if watch is not None and step is not None and isinstance(step.lasting, Once) and watch.due is None:
            watch.due = event.t

    def _reached(self, moment: StepMoment, t: float) -> None:
        for watch in (*self._waiting.values(), *self._ending.values()):
            match watch.trigger:
                case OnStep(moment=wanted, delay_s=delay_s) if wanted == moment and watch.due is None:
                    watch.due = t + delay_s
                case OnRequest(after=after) | OnLog(after=after) if after == moment and watch.since is None:
                    watch.since = t

    @staticmethod
    def _count(watch: _Watch, event: Event) -> None:
        if watch.due is None and watch.counts(event):
            watch.seen += 1
            if isinstance(watch.trigger, OnRequest | OnLog) and watch.seen >= watch.trigger.nth:
                watch.due = event.t + watch.trigger.delay_s

    def _ending_watch(self, trigger: OnRequest | OnLog | OnStep, now: float) -> _Watch:
        """What to wait for; a moment that it names may have come before this step began."""
        if isinstance(trigger, OnStep):
            past = self._moment(trigger.moment)
            return _Watch(trigger, None, due=None if past is None else max(now, past + trigger.delay_s))
        counts = trigger.after is None or self._moment(trigger.after) is not None
        return _Watch(trigger, now if counts else None)

    def _moment(self, moment: StepMoment) -> float | None:
        """When it was; None if it has not come."""
        return (self._began if moment.moment is Moment.BEGAN else self._healed).get(moment.step)

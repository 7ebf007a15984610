"""A trial's history and the questions that checks ask of it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from harness.core.commands import Address, Channel
from harness.core.events import (
    AGENT,
    ConnectionAttempt,
    Event,
    LogLine,
    NicChanged,
    ProcessExited,
    ProcessStarted,
    StepBegan,
    StepHealed,
    TimelineBegan,
    TrialBegan,
    WarpBurden,
    WarpUsed,
    WatchEnded,
)

E = TypeVar("E", bound=Event)

STAMP_S = 1e-6
"""What a stamp may be off by: times are kept to the microsecond, and sums of them to a little less."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of the trial's time; `end` may be infinite."""

    begin: float
    end: float

    def __contains__(self, t: object) -> bool:
        return isinstance(t, float | int) and self.begin <= t <= self.end


@dataclass(slots=True)
class History:
    """Events in the order of their time. Grows while a trial runs; checks only read it."""

    events: list[Event] = field(default_factory=list)
    _by_kind: dict[type[Event], list[Event]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, events: Iterable[Event]) -> History:
        """A history of these events, which have to be in the order of their time."""
        history = cls()
        for event in events:
            history.add(event)
        return history

    def add(self, event: Event) -> None:
        """Append an event."""
        self.events.append(event)
        self._by_kind.setdefault(type(event), []).append(event)

    def all(self, kind: type[E]) -> list[E]:
        """Every event of a kind."""
        return self._by_kind.get(kind, [])  # type: ignore[return-value]  # each list holds one kind, by `add`

    def seen(self, kind: type[E]) -> list[E]:
        """Every event of a kind while the trial was watched: what a check may judge."""
        events = self.all(kind)
        if not self.all(WatchEnded):
            return events
        return events[: bisect_right(events, self.watched_until, key=lambda event: event.t)]

    def first(self, kind: type[E]) -> E | None:
        """The first event of a kind."""
        return next(iter(self.all(kind)), None)

    def last(self, kind: type[E]) -> E | None:
        """The last event of a kind."""
        return self.all(kind)[-1] if self.all(kind) else None

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    # What nearly every check asks.

    @property
    def now(self) -> float:
        """Time of the newest event."""
        return self.events[-1].t if self.events else 0.0

    @property
    def watched_until(self) -> float:
        """When the watching ended; what the clearing up does is no longer the agent's behaviour."""
        ended = self.first(WatchEnded)
        return ended.t if ended else self.now

    def watched(self, t: float) -> bool:
        """Whether the watching went on until this moment."""
        return self.watched_until >= t - STAMP_S

    @property
    def header(self) -> TrialBegan | None:
        """What was tried."""
        return self.first(TrialBegan)

    @property
    def zero(self) -> float | None:
        """When the timeline began."""
        began = self.first(TimelineBegan)
        return began.t if began else None

    def started(self, who: str = AGENT) -> ProcessStarted | None:
        """When a program started."""
        return next((e for e in self.seen(ProcessStarted) if e.who == who), None)

    def exited(self, who: str = AGENT) -> ProcessExited | None:
        """When a program went by itself; a stop that we asked for is no exit of this kind."""
        return next((e for e in self.seen(ProcessExited) if e.who == who and not e.asked), None)

    def agent_log(self) -> list[LogLine]:
        """What the agent printed while it was watched."""
        return [e for e in self.seen(LogLine) if e.who == AGENT]

    def attempts(self, channel: Channel = Channel.API, address: Address | None = None) -> list[ConnectionAttempt]:
        """The connections that were tried to this port of the HMC while it was watched; at one address, if told."""
        tried = (e for e in self.seen(ConnectionAttempt) if e.channel == channel)
        return [e for e in tried if address in (None, e.address)]

    def step(self, number: int) -> Interval | None:
        """When a step was in force; None if it never began. What only the clearing up heals has no end."""
        began = next((e for e in self.seen(StepBegan) if e.step == number), None)
        if began is None:
            return None
        healed = next((e for e in self.seen(StepHealed) if e.step == number), None)
        return Interval(began.t, healed.t if healed else float("inf"))

    def fault_windows(self) -> list[Interval]:
        """When a fault was in force, one interval a fault."""
        steps = [e.step for e in self.seen(StepBegan) if e.fault]
        return [window for window in map(self.step, steps) if window is not None]

    def first_onset(self) -> float | None:
        """When the first fault began."""
        return min((window.begin for window in self.fault_windows()), default=None)

    def last_healing(self) -> float | None:
        """When the last fault was healed; None while one is in force or none ever was."""
        end = max((window.end for window in self.fault_windows()), default=math.inf)
        return None if math.isinf(end) else end

    def last_begin(self) -> float | None:
        """When the newest step began, be it a fault, a change or a bystander."""
        return max((e.t for e in self.seen(StepBegan)), default=None)

    def last_change(self) -> float | None:
        """When the HMC was last changed behind the agent's back, or a bystander began."""
        return max((e.t for e in self.seen(StepBegan) if not e.fault), default=None)

    def calm_since(self) -> float | None:
        """When the last fault was healed or the last change made; None while a fault is in force or nothing began."""
        ends = [window.end for window in self.fault_windows()]
        ends += [e.t for e in self.seen(StepBegan) if not e.fault]
        end = max(ends, default=math.inf)
        return None if math.isinf(end) else end

    def lived_until(self) -> float:
        """Until when the agent could be judged: its own exit, or the end of the watching."""
        gone = self.exited()
        return min(gone.t, self.watched_until) if gone else self.watched_until

    # How fast the trial's clocks ran.

    @property
    def factor(self) -> float:
        """Agent seconds in a second of the wall; 1 is real time."""
        used = self.first(WarpUsed)
        return used.factor if used else 1.0

    def warp_delay_s(self, begin: float, end: float) -> float:
        """How many agent seconds between two moments passed only because of the warp, at the most.

        The agent's own delays add up. The harness, late at both moments, is wrong by its longest lateness twice.
        """
        told = self.all(WarpBurden)
        first = bisect_right(told, begin, key=lambda e: e.t)
        last = min(bisect_left(told, end, key=lambda e: e.t), len(told) - 1)
        before = told[first - 1].agent_s if first else 0.0
        late_s = max((e.late_s for e in told[max(0, first - 1) : last + 1]), default=0.0)
        return max(0.0, told[last].agent_s - before) + 2 * late_s if told else 0.0

    def nics_present(self, t: float) -> dict[str, bool]:
        """For each port: whether its NIC is on the HMC at this moment."""
        return {e.port: e.present for e in self.seen(NicChanged) if e.t <= t}

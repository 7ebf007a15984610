"""How fast a trial's clock runs: from what the trial needs and what the machine can. Nothing here waits or warps.

A factor is the number of agent seconds in a second of the wall; 1 is real time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from harness.core.events import (
    AGENT,
    Event,
    ProcessStarted,
    StepBegan,
    StepHealed,
    TimelineBegan,
    TrialBegan,
    Unwarped,
    WarpUsed,
)
from harness.core.history import History
from harness.core.scenario import (
    AtTime,
    ForSeconds,
    Moment,
    OnLog,
    OnRequest,
    OnStep,
    Scenario,
    Step,
    StepMoment,
    Trigger,
    Until,
)
from harness.core.verdict import Outcome, Verdict

REAL = 1.0
FACTORS = (120.0, 60.0, 40.0, 30.0, 20.0, 15.0, 10.0, 6.0, 4.0, 2.0)
"""Only these are chosen: each has to be tested on the machine first, which takes a moment. At x60 a busy processor's
time slice of a few milliseconds is a few tenths of an agent's second."""

MOST_UNMEASURED = 60.0
"""Where no check says how exact it has to be, as a heartbeat's does not, nothing says that more would do."""

SHORTEST_WALL_S = 2.0
"""A trial is not made shorter than this: the start of its programs takes about as long, and slower is more exact."""

DELAY_S = 0.03
"""Wall seconds for which a machine may keep a program waiting that has nothing else to do; a busy one in proportion."""

LONGEST_AGAIN_S = 100.0
"""Wall seconds that a second repetition at a still lower factor may take; where it would take longer there is none."""

STEP_DOWN = 2.0
"""A repetition runs so many times slower: what the machine costs then is half of it in the agent's seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine has, and what is asked of it: `load` is the average number of threads that want a CPU."""

    cpus: int
    load: float

    @property
    def delay_s(self) -> float:
        """Wall seconds for which a program may have to wait on it."""
        return DELAY_S * max(1.0, self.load / self.cpus)


@runtime_checkable
class Exact(Protocol):
    """A check that knows how long what it judges takes. Checks need not have this."""

    @property
    def tolerance_s(self) -> float:
        """By how many agent seconds it may be off."""
        ...

    def needs_s(self) -> float:
        """Agent seconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a trial asks of its clock, in agent seconds."""

    lasts_s: float
    """How long it is, at about."""
    exact_s: float = math.inf
    """What it measures may be off by so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """How a trial is played again."""

    factor: float
    why: str
    """Why at this factor, for people."""
    earlier: str = ""
    """What came of it before, for people."""
    auto: bool = False
    """Nobody asked for a number in the first place."""


def need_of(scenario: Scenario, claims: Mapping[str, float]) -> Need:
    """What a trial asks of its clock. `claims` are the agent's timeouts, by TR name.

    A check that says how long something takes is believed. Where none does, it is the longest time for which the
    checks want to look, were everything to go as planned.
    """
    history = _as_planned(scenario, claims)
    exact = [item.check for item in scenario.expect if isinstance(item.check, Exact)]
    looks = [c.needs_s() for c in exact] or [item.check.watch_until(history) for item in scenario.expect]
    lasts_s = min(max([history.now, scenario.job_seconds, *looks]), scenario.give_up_after_s)
    return Need(lasts_s=lasts_s, exact_s=min((c.tolerance_s for c in exact), default=math.inf))


def factor_for(need: Need, machine: Machine) -> float:
    """The largest of `FACTORS` that is worth while and that the machine can; `REAL` where none is."""
    bearable = need.exact_s / machine.delay_s if math.isfinite(need.exact_s) else MOST_UNMEASURED
    most = min(need.lasts_s / SHORTEST_WALL_S, bearable)
    return next((factor for factor in FACTORS if factor <= most), REAL)


def again_at(history: History, verdict: Verdict) -> Repetition | None:
    """How a trial has to be played again before its verdict stands, or None.

    A FAIL of a warped trial may be the warp's; so may be what the verdict already calls the warp's (UNKNOWN). It is
    repeated slower, once in any case, and further, down to real time, as long as that is short. Where a program cannot
    be warped only real time is of use, and is what such a trial gets when that is known before.
    """
    used, bare = history.first(WarpUsed), history.first(Unwarped)
    if used is None or used.factor <= REAL:
        return None
    if bare is not None:  # who asked for a number gets no other clock, and a lower number is of no use
        return Repetition(factor=REAL, why=f"real time: {bare.why}") if used.auto else None
    lower = next((factor for factor in FACTORS if factor <= used.factor / STEP_DOWN), REAL)
    if not _suspect(verdict) or (used.earlier and used.needs_s / lower > LONGEST_AGAIN_S):
        return None
    why = "again, slower" if lower > REAL else "again, in real time"
    return Repetition(factor=lower, why=why, auto=used.auto)


def _suspect(verdict: Verdict) -> bool:
    # A finding that is UNKNOWN and tells how late something was had been a FAIL: see law 6 of the verdict.
    excused = any(f.outcome is Outcome.UNKNOWN and f.late is not None for f in verdict.findings)
    return verdict.outcome is Outcome.FAIL or excused


def _as_planned(scenario: Scenario, claims: Mapping[str, float]) -> History:
    """A history in which everything happens when it is due, and what waits for the agent happens at once."""
    events: list[Event] = [
        TrialBegan(scenario=scenario.id, document="", seed=0, address="", timeouts=claims),
        ProcessStarted(who=AGENT, pid=0),
        TimelineBegan(),
    ]
    moments = _moments(scenario.timeline)
    for step in scenario.timeline:
        begin = moments[step.number, Moment.BEGAN]
        events.append(
            StepBegan(
                t=begin, step=step.number, what=step.what, engine=step.engine, fault=step.needs_witness, due=begin
            )
        )
        if (step.number, Moment.HEALED) in moments:
            heal = moments[step.number, Moment.HEALED]
            events.append(StepHealed(t=heal, step=step.number, due=heal))
    return History.of(sorted(events, key=lambda event: event.t))


def _moments(timeline: tuple[Step, ...]) -> dict[tuple[int, Moment], float]:
    found: dict[tuple[int, Moment], float] = {}
    for _ in timeline:  # a step may wait for one that stands behind it, but never in a circle
        for step in timeline:
            begin = found[step.number, Moment.BEGAN] = _due(step.trigger, found)
            match step.lasting:
                case ForSeconds(seconds=seconds):
                    found[step.number, Moment.HEALED] = begin + seconds
                case Until(trigger=trigger):
                    found[step.number, Moment.HEALED] = max(begin, _due(trigger, found))
    return found


def _due(trigger: Trigger, found: Mapping[tuple[int, Moment], float]) -> float:
    match trigger:
        case AtTime(seconds=seconds):
            return seconds
        case OnStep(moment=StepMoment(step=step, moment=moment), delay_s=delay_s):
            return found.get((step, moment), 0.0) + delay_s
        case OnRequest(after=after, delay_s=delay_s) | OnLog(after=after, delay_s=delay_s):
            # Nobody knows when the agent does it; it may at once.
            return delay_s + (found.get((after.step, after.moment), 0.0) if after else 0.0)
        case _:
            return 0.0

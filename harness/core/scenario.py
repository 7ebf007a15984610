"""A scenario as the harness plays it: read, checked, its matrix put in, each step bound to an engine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from harness.core.commands import Command, RunBystander
from harness.core.history import History
from harness.core.patterns import RequestPattern
from harness.core.verdict import Expectation, Known


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file and, from 1, a line and a column."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class WarpWord(StrEnum):
    """How fast a trial's clocks run, where no number says it."""

    AUTO = "auto"
    OFF = "off"


class ReachedBy(StrEnum):
    """What programs are told of the HMC."""

    ADDRESS = "address"
    NAME = "name"


AGENT_DOWN_TIME_S = 5.0
"""What most scenarios go by: profiles report each half second or so, and the ratio is kept generous for slow machines.
Neutron's own default is 75 s, for reports each 30 s."""


class Moment(StrEnum):
    """The two moments of a step that others can wait for."""

    BEGAN = "began"
    HEALED = "healed"


@dataclass(frozen=True, slots=True)
class StepMoment:
    """When another step began or healed."""

    step: int
    moment: Moment


@dataclass(frozen=True, slots=True)
class AtStart:
    """Before the agent is started."""


@dataclass(frozen=True, slots=True)
class AtTime:
    """So many seconds after the timeline's zero."""

    seconds: float


@dataclass(frozen=True, slots=True)
class OnRequest:
    """When the agent's nth matching request arrives, counted from the zero or from another step's moment; or later."""

    pattern: RequestPattern
    nth: int = 1
    after: StepMoment | None = None
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OnLog:
    """When the agent prints its nth matching line, counted in the same way; or so many seconds later."""

    pattern: re.Pattern[str]
    nth: int = 1
    after: StepMoment | None = None
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OnStep:
    """When another step began or healed, or so many seconds later."""

    moment: StepMoment
    delay_s: float = 0.0


Trigger = AtStart | AtTime | OnRequest | OnLog | OnStep


@dataclass(frozen=True, slots=True)
class ToTheEnd:
    """The step lasts until the trial ends."""


@dataclass(frozen=True, slots=True)
class ForSeconds:
    """The step lasts so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Once:
    """The step ends as soon as it has touched something."""


@dataclass(frozen=True, slots=True)
class Until:
    """The step lasts until a condition comes true."""

    trigger: OnRequest | OnLog | OnStep


Lasting = ToTheEnd | ForSeconds | Once | Until


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of a timeline."""

    number: int
    """From 1, in the order of the file."""
    name: str
    what: str
    """The word of the fault or change, for people."""
    command: Command
    engine: str
    needs_witness: bool
    """A fault has to touch traffic; a change of the HMC or a bystander does not."""
    trigger: Trigger
    lasting: Lasting
    place: Place


def faults_of(timeline: Sequence[Step]) -> list[Step]:
    """The steps that are faults, and no changes or bystanders."""
    return [step for step in timeline if step.needs_witness]


def has_healing(timeline: Sequence[Step]) -> bool:
    """Whether there is a fault, and all of them heal before the trial ends."""
    faults = faults_of(timeline)
    return bool(faults) and not any(isinstance(step.lasting, ToTheEnd) for step in faults)


NO_HEALING = "there is no healing to wait for; give every fault a 'for' or 'until'"
"""What a check that needs a healing says of a timeline without one."""


class Condition(Protocol):
    """Part of a steady state."""

    def missing(self, history: History) -> str | None:
        """None once it holds, or what is still missing, in words."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One trial's plan: a scenario file with one combination of its matrix."""

    id: str
    """As a person types it: ``refused[hang]``."""
    file: str
    title: str
    why: str
    requirements: tuple[str, ...]
    tags: tuple[str, ...]
    agent: str
    agent_settings: Mapping[str, str]
    """The agent's settings that this scenario overrides, by the names that the profile declares."""
    inventory: str
    job_seconds: float
    """How long an asynchronous job takes on the HMC."""
    steady: tuple[Condition, ...]
    steady_within_s: float
    give_up_after_s: float
    """So long after the zero the trial ends, whatever has not happened by then."""
    timeline: tuple[Step, ...]
    expect: tuple[Expectation, ...]
    known: tuple[Known, ...]
    document: str
    """What all this was made from, as JSON text with the matrix put in."""
    place: Place
    needs: frozenset[str] = field(default=frozenset())
    """Engines that have to be in the path."""
    warp: WarpWord | float = WarpWord.OFF
    """How many times as fast as the wall the clocks run."""
    reached_by: ReachedBy = ReachedBy.ADDRESS
    """What programs are told of the HMC; a name can be looked up in vain."""
    agent_down_time_s: float = AGENT_DOWN_TIME_S
    """Neutron's agent_down_time: an agent whose last heartbeat is older is not alive."""

    @property
    def bystanders(self) -> tuple[str, ...]:
        """The profiles of the programs that use the HMC beside the agent."""
        commands = (step.command for step in self.timeline)
        profiles = (command.profile for command in commands if isinstance(command, RunBystander))
        return tuple(dict.fromkeys(profiles))

    @property
    def witnesses(self) -> frozenset[int]:
        """The steps whose fault has to touch something."""
        return frozenset(step.number for step in self.timeline if step.needs_witness)

"""The words that a scenario may use, as a value: the loader is handed it, so that no room needs to know another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from harness.core.commands import Command
from harness.core.profile import Profile
from harness.core.scenario import Condition
from harness.core.verdict import Check


class Action(Protocol):
    """A fault or change with its settings."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One phase of a composition."""

    name: str
    action: Action
    at_s: float = 0.0
    """So long after the begin of the whole; the first part begins with it."""
    lasts_s: float | None = None
    """How long a fault lasts; None: it is a change, which nothing heals."""

    def __post_init__(self) -> None:
        """Refuse a phase that takes no time."""
        if self.lasts_s is not None and self.lasts_s <= 0:
            raise ValueError(f"the phase {self.name!r} has to last longer than 0s")


class Composition(Protocol):
    """A fault made of others: a line in a scenario, and several steps in its timeline (see `TimelineBuilder`)."""

    def parts(self) -> tuple[Part, ...]:
        """The phases, in the order in which those of one moment begin."""
        ...


@runtime_checkable
class KnowsAlternate(Protocol):
    """A composition that is another story where the agent is told the address of an alternate HMC."""

    def parts_with_alternate(self) -> tuple[Part, ...]:
        """The phases then."""
        ...


def parts_of(composition: Composition, *, has_alternate: bool) -> tuple[Part, ...]:
    """The phases of a composition for an agent that is told an alternate HMC, or for one that is not."""
    if has_alternate and isinstance(composition, KnowsAlternate):
        return composition.parts_with_alternate()
    return composition.parts()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Each mapping is from the word to the frozen dataclass whose fields are its settings."""

    faults: Mapping[str, type[Action | Composition]]
    changes: Mapping[str, type[Action]]
    checks: Mapping[str, type[Check]]
    conditions: Mapping[str, type[Condition]]
    engines: Mapping[str, frozenset[type[Command]]]
    """What each engine carries out; where several could, the first one named here does."""
    requirements: Mapping[str, str]
    agents: Mapping[str, Profile]
    """What is known of each program, by its profile's name."""
    inventories: frozenset[str]
    limits: Mapping[str, Callable[[Command], str | None]] = field(default_factory=dict)
    """By engine: why it cannot carry out a command of a kind that it carries, and what to do; None if it can."""

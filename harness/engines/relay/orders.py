"""Which steps are in force, and what follows from all of them together. Pure.

How faults that overlap compose, from the listener inwards:
1. A blackhole beats a refusal: a packet that vanishes gets no answer. Connections that a refusal would end meanwhile
   are told so when the blackhole heals.
2. A hang beats all that only makes late: held data goes on when the last hang heals, and a delay that ran out
   meanwhile is not waited for again.
3. Delays of one direction add up, and come before the rate; of several rates the slowest rules.
4. A cut stands at the exit: it counts what leaves, so it waits for what holds or delays; of several the earliest falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar

from harness.core.commands import (
    Blackhole,
    Command,
    CutConnection,
    Delay,
    Direction,
    Hang,
    RefuseConnections,
    Throttle,
)

_Kind = TypeVar("_Kind", bound=Command)


class Door(Enum):
    """What a new client meets."""

    OPEN = auto()
    REFUSING = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class Orders:
    """What is in force for one direction of every connection, by step."""

    holding: frozenset[int] = frozenset()
    """Steps that let nothing through."""
    delays: Mapping[int, Delay] = field(default_factory=dict)
    throttles: Mapping[int, Throttle] = field(default_factory=dict)
    cuts: Mapping[int, CutConnection] = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        """Data goes straight through; a cut only has to look at it."""
        return not (self.holding or self.delays or self.throttles)


@dataclass(slots=True)
class InForce:
    """The steps that began and are not healed."""

    _steps: dict[int, Command] = field(default_factory=dict)

    def __contains__(self, step: int) -> bool:
        return step in self._steps

    def add(self, step: int, command: Command) -> None:
        """A step begins."""
        self._steps[step] = command

    def remove(self, step: int) -> Command | None:
        """A step is healed; returns what it was, or None if it never began."""
        return self._steps.pop(step, None)

    def steps(self, kind: type[Command]) -> frozenset[int]:
        """The steps with this kind of command."""
        return frozenset(self._of(kind))

    def clear(self) -> list[int]:
        """Every step is healed; returns which these were, newest first."""
        steps = list(reversed(self._steps))
        self._steps.clear()
        return steps

    @property
    def door(self) -> Door:
        """What a new client meets."""
        if self.steps(Blackhole):
            return Door.SILENT
        return Door.REFUSING if self.steps(RefuseConnections) else Door.OPEN

    def orders(self, direction: Direction) -> Orders:
        """What is in force for this direction.

        In a blackhole the kernel takes away what the client sends; what the server sends is held here.
        """
        silent = self.steps(Blackhole) if direction is Direction.RESPONSE else frozenset()
        return Orders(
            holding=self.steps(Hang) | silent,
            delays={step: c for step, c in self._of(Delay).items() if c.direction is direction},
            throttles={step: c for step, c in self._of(Throttle).items() if c.direction is direction},
            cuts={step: c for step, c in self._of(CutConnection).items() if c.direction is direction},
        )

    def _of(self, kind: type[_Kind]) -> dict[int, _Kind]:
        return {step: command for step, command in self._steps.items() if isinstance(command, kind)}

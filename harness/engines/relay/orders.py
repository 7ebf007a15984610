"""Which steps are in force, and what follows from all of them together. Pure.

How faults that overlap compose, from the listener inwards:
1. A blackhole beats a refusal: a packet that vanishes gets no answer. Connections that a refusal would end meanwhile
   are told so when the blackhole heals.
2. A hang beats all that only makes late: held data goes on when the last hang heals, and a delay that ran out
   meanwhile is not waited for again.
3. Delays of one direction add up, and come before the rate; of several rates the slowest rules.
4. Cuts and stalls stand at the exit: they count what leaves, so they wait for what holds or delays; of several the
   earliest has its say.
5. A step that is aimed at one connection is, to every other one, not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar

from harness.core.commands import (
    Blackhole,
    CloseOnAccept,
    Command,
    Cut,
    CutConnection,
    CutHandshake,
    Delay,
    DelayFirstByte,
    Direction,
    Hang,
    RefuseConnections,
    Stall,
    StallHandshake,
    Throttle,
)
from harness.engines.relay.elsewhere import Observed, Sight, ends_with

_Kind = TypeVar("_Kind", bound=Command)

Late = Delay | DelayFirstByte
Cuts = CutConnection | CutHandshake
Stalls = Stall | StallHandshake
_Way = TypeVar("_Way", Late, Throttle, Cuts, Stalls)


class Door(Enum):
    """What a new client meets."""

    OPEN = auto()
    REFUSING = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class Orders:
    """What is in force for one direction of a connection, by step."""

    holding: frozenset[int] = frozenset()
    """Steps that let nothing through."""
    delays: Mapping[int, Late] = field(default_factory=dict)
    throttles: Mapping[int, Throttle] = field(default_factory=dict)
    cuts: Mapping[int, Cuts] = field(default_factory=dict)
    stalls: Mapping[int, Stalls] = field(default_factory=dict)
    seen: Mapping[int, Sight] = field(default_factory=dict)
    """Steps that another engine carries out, and what bytes of this direction prove of them."""

    @property
    def passes(self) -> bool:
        """Data goes straight through; a cut or a stall only has to look at it."""
        return not (self.holding or self.delays or self.throttles)


@dataclass(slots=True)
class InForce:
    """The steps that began and are not healed."""

    _steps: dict[int, Command] = field(default_factory=dict)
    _only: dict[int, int] = field(default_factory=dict)
    """By step that is aimed at one connection: the number of that one."""
    _shut: set[int] = field(default_factory=set)
    """Steps whose door opens and shuts by itself, and is shut now."""
    _elsewhere: dict[int, Observed] = field(default_factory=dict)
    """Steps that another engine carries out."""

    def __contains__(self, step: int) -> bool:
        return step in self._steps

    def add(self, step: int, command: Command, only: int | None = None) -> None:
        """A step begins; `only` is the number of the one connection that it reaches, and None if it reaches all."""
        self._steps[step] = command
        if only is not None:
            self._only[step] = only

    def reaches(self, step: int, connection: int) -> bool:
        """Whether a step in force reaches the connection with this number."""
        return step in self._steps and self._only.get(step, connection) == connection

    def remove(self, step: int) -> Command | None:
        """A step is healed; returns what it was, or None if it never began."""
        self._shut.discard(step)
        self._only.pop(step, None)
        return self._steps.pop(step, None)

    def shut(self, step: int) -> None:
        """The door of this step shuts: new clients are refused."""
        self._shut.add(step)

    def reopen(self, step: int) -> None:
        """As far as this step is concerned the door is open again."""
        self._shut.discard(step)

    def observe(self, step: int, observed: Observed) -> None:
        """Another engine carries this step out."""
        self._elsewhere[step] = observed
        if isinstance(observed.command, RefuseConnections):
            self.shut(step)

    def stop_observing(self, step: int) -> bool:
        """The other engine has healed it; tells whether it was observed."""
        self._shut.discard(step)
        return self._elsewhere.pop(step, None) is not None

    def ended_elsewhere(self, how: Cut, in_use: Callable[[int], bool]) -> list[int]:
        """The steps elsewhere that may have ended a connection in this way.

        `in_use` tells whether it was used since a step began: a cut waits for that, and who refuses does not.
        """
        return [
            step
            for step, seen in self._elsewhere.items()
            if ends_with(seen.command, how) and (isinstance(seen.command, RefuseConnections) or in_use(step))
        ]

    def steps(self, kind: type[Command]) -> frozenset[int]:
        """The steps with this kind of command."""
        return frozenset(self._of(kind))

    def closing(self) -> list[tuple[int, CloseOnAccept]]:
        """The steps that end connections as soon as they are accepted."""
        return list(self._of(CloseOnAccept).items())

    def clear(self) -> list[int]:
        """Every step is healed; returns which these were, newest first."""
        steps = list(reversed(self._steps))
        self._steps.clear()
        self._only.clear()
        self._shut.clear()
        return steps

    @property
    def refusing(self) -> frozenset[int]:
        """The steps that refuse new clients now."""
        return self.steps(RefuseConnections) | self._shut

    @property
    def door(self) -> Door:
        """What a new client meets."""
        if self.steps(Blackhole):
            return Door.SILENT
        return Door.REFUSING if self.refusing else Door.OPEN

    def orders(self, direction: Direction, connection: int) -> Orders:
        """What is in force for this direction of the connection with this number.

        In a blackhole the kernel takes away what the client sends; what the server sends is held here.
        """
        silent = self.steps(Blackhole) if direction is Direction.RESPONSE else frozenset()
        return Orders(
            holding=frozenset(step for step in self.steps(Hang) if self.reaches(step, connection)) | silent,
            delays=self._going(connection, direction, Delay, DelayFirstByte),
            throttles=self._going(connection, direction, Throttle),
            cuts=self._going(connection, direction, CutConnection, CutHandshake),
            stalls=self._going(connection, direction, Stall, StallHandshake),
            seen={
                step: proof
                for step, observed in self._elsewhere.items()
                if (proof := observed.sight(direction)) is not None
            },
        )

    def _going(self, connection: int, direction: Direction, *kinds: type[_Way]) -> dict[int, _Way]:
        return {
            step: command
            for step, command in self._steps.items()
            if isinstance(command, kinds) and command.direction is direction and self.reaches(step, connection)
        }

    def _of(self, kind: type[_Kind]) -> dict[int, _Kind]:
        return {step: command for step, command in self._steps.items() if isinstance(command, kind)}

"""A fault as one call after the other meets it. Pure.

Each phase of a composition lasts for one call, however long that takes. By the clock it would depend on the machine
how many calls see a phase, and two fingerprints of one client would differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.core.commands import Command, NameCommand, StreamCommand
from harness.core.vocabulary import Action, Composition, Part

NOTES = 0
"""The step under which each request is noted."""
FAULT = 1
"""The fault's, or that of a composition's first part; the other parts have the numbers after it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What heals and what begins before a call is made."""

    heals: tuple[int, ...] = ()
    """Steps that began earlier."""
    begins: tuple[tuple[int, Command], ...] = ()


def moments_of(fault: Action | Composition | None, connection: int | None = None) -> tuple[Moment, ...]:
    """A call for each; after the last phase of a composition one more, before an HMC that is well again.

    `connection` aims a fault of bytes at that connection alone, counted as a scenario counts them.
    """
    parts = _parts(fault)
    ends = {step: part.at_s + part.lasts_s for step, part in parts.items() if part.lasts_s is not None}
    times = {part.at_s for part in parts.values()} | set(ends.values()) - {math.inf}
    moments = []
    for now in sorted(times or {0.0}):
        begins = {step: part.action.command() for step, part in parts.items() if part.at_s == now}
        aimed = tuple((step, _aimed(command, connection)) for step, command in begins.items())
        moments.append(Moment(heals=tuple(step for step, end in ends.items() if end == now), begins=aimed))
    return tuple(moments)


def witnesses_of(fault: Action | Composition | None) -> frozenset[int]:
    """The steps that have to touch something, or nothing is known. A change is a fact, and touches nothing."""
    return frozenset(step for step, part in _parts(fault).items() if part.lasts_s is not None)


def is_composed(fault: Action | Composition | None) -> bool:
    """Whether it has phases."""
    return hasattr(fault, "parts")


def is_of_names(fault: Action | Composition | None) -> bool:
    """Whether it can only touch who is told a name of the HMC, and no address."""
    return any(isinstance(part.action.command(), NameCommand) for part in _parts(fault).values())


def _parts(fault: Action | Composition | None) -> Mapping[int, Part]:
    """By their steps; a fault without phases is one part that nobody heals."""
    if fault is None:
        return {}
    parts = fault.parts() if hasattr(fault, "parts") else (Part(name="", action=fault, lasts_s=math.inf),)
    return dict(enumerate(parts, FAULT))


def _aimed(command: Command, connection: int | None) -> Command:
    if connection is None:
        return command
    if not isinstance(command, StreamCommand):
        raise TypeError(f"{type(command).__name__} is not for one connection")
    return replace(command, connection=connection)

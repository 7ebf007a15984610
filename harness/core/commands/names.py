"""What look-ups of the HMC's name bring."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands.base import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCommand(Command):
    """Base of commands about what the HMC's name means; they reach look-ups of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailLookups(NameCommand):
    """The name does not resolve."""

    temporary: bool
    """The look-up fails, as where no name server answers; otherwise it says that there is no such name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDeadAddressFirst(NameCommand):
    """The name has two addresses, and at the first one nobody is."""

    silent: bool
    """Connects to it are never answered; otherwise they are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayLookups(NameCommand):
    """Look-ups are answered so late."""

    delay_s: float

"""What a command is, and what commands of several families reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.core.patterns import RequestPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Base of all commands."""


class Channel(StrEnum):
    """Which connections: those to the HMC's API, to its notifications, to both, or to a real Neutron's message bus."""

    API = "api"
    NOTIFICATIONS = "notifications"
    BOTH = "both"
    BUS = "bus"


class Address(StrEnum):
    """Which HMC of a pair: the first one, the alternate (another console of the same CPCs), or both."""

    FIRST = "first"
    ALTERNATE = "alternate"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCommand(Command):
    """Base of commands that need to see HTTP; they reach the requests that match."""

    match: RequestPattern

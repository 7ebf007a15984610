"""The message broker's heart stands still."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledHeartbeats:
    """The message broker sends no STOMP heart-beats, although it promised to; notifications still come."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.StallHeartbeats()

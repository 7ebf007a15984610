"""The message broker's heart stands still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledHeartbeats:
    """The message broker sends no STOMP heart-beats, although it promised to; notifications still come."""

    healing: ClassVar[str] = "Heart-beats are sent again."
    witness: ClassVar[str] = "each heart-beat that was due and not sent"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.StallHeartbeats()

"""Notifications overtake each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Command, SwapNotifications


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderedNotifications:
    """Of each two notifications the second one arrives first; the first one waits for it, or for the healing."""

    healing: ClassVar[str] = "A message that still waits for a second one is sent."
    witness: ClassVar[str] = "each two messages that were exchanged"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return SwapNotifications()

"""The HMC's message broker lets nobody in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Command, RefuseListeners


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsRefused:
    """Who logs on to the message broker gets an ERROR frame and is hung up on; who is logged on stays."""

    healing: ClassVar[str] = "Whoever logs on is let in."
    witness: ClassVar[str] = "each logon that was refused"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return RefuseListeners()

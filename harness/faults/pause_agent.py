"""The agent stands still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAgent:
    """The agent's process stands still (SIGSTOP), as on a suspended machine; healing continues it (SIGCONT)."""

    healing: ClassVar[str] = "SIGCONT: it goes on where it stood, and what came for it meanwhile is there."
    witness: ClassVar[str] = "its process, which the kernel says stands still"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.PauseAgent()

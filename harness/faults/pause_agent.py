"""The agent stands still."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAgent:
    """The agent's process stands still (SIGSTOP), as on a suspended machine; healing continues it (SIGCONT)."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.PauseAgent()

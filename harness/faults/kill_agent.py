"""The agent is killed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class KillAgent:
    """The agent's process is killed (SIGKILL), and started again when the fault heals. That is no end of its own."""

    healing: ClassVar[str] = "The program is started again, with the same settings."
    witness: ClassVar[str] = "its process, which the kernel says is gone"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.KillAgent()

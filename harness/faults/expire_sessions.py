"""The HMC forgets its sessions."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSessions:
    """Every session is gone: the next request of each client is answered with 403,5."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.ExpireSessions()

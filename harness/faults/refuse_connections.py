"""The HMC's port is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import Command, Existing
from harness.core.commands import RefuseConnections as Refuse
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnections:
    """New connections are refused at once (ECONNREFUSED); open ones are reset, closed or kept."""

    existing: Annotated[Existing, Says("what becomes of the connections that are open: reset, close or keep")] = (
        Existing.RESET
    )

    def command(self) -> Command:
        """What an engine has to carry out."""
        return Refuse(existing=self.existing)

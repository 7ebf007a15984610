"""The HMC's port is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Existing
from harness.core.commands import RefuseConnections as Refuse
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnections:
    """New connections are refused at once (ECONNREFUSED); open ones are reset, closed or kept."""

    healing: ClassVar[str] = "It listens again; connections that it reset or closed stay gone."
    witness: ClassVar[str] = "each connect that was refused, and each open connection that was reset or closed"

    existing: Annotated[Existing, Says("what becomes of the connections that are open: reset, close or keep")] = (
        Existing.RESET
    )

    def command(self) -> Command:
        """What an engine has to carry out."""
        return Refuse(existing=self.existing)

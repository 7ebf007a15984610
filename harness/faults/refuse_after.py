"""The HMC takes no more connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core import commands
from harness.core.commands import Command
from harness.core.values import Bounds, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAfter:
    """So many more connections are accepted; all that come after them are refused. Open ones stay."""

    healing: ClassVar[str] = "Everybody is let in again; who was let in stays."
    witness: ClassVar[str] = "each connect that came after the last one that was let in"

    connections: Annotated[int, Bounds(1, 1_000_000), Says("how many are still accepted, counted from its begin")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.RefuseAfter(connections=self.connections)

"""The HMC's port comes and goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Existing, Flap
from harness.core.values import Bounds, Says, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """The port is closed and open by turns, closed first. While it is closed, connections are refused."""

    healing: ClassVar[str] = "It listens and goes on doing so; connections that it reset or closed stay gone."
    witness: ClassVar[str] = "each connect that was refused, and each open connection that was reset or closed"

    down: Annotated[Seconds, Bounds(least=0.001), Says("how long it is closed each time")]
    up: Annotated[Seconds, Bounds(least=0.001), Says("how long it is open each time")]
    existing: Annotated[Existing, Says("what becomes of open connections when it closes: reset, close or keep")] = (
        Existing.RESET
    )

    def command(self) -> Command:
        """What an engine has to carry out."""
        return Flap(down_s=self.down, up_s=self.up, existing=self.existing)

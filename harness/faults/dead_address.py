"""The HMC's name has two addresses, of which the first one is dead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, PutDeadAddressFirst
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadAddress:
    """The HMC's name resolves to a dead address first, and to the good one after it. Open connections stay."""

    healing: ClassVar[str] = (
        "Look-ups are answered with the HMC's address alone; who was told the dead one keeps it, and is refused there."
    )
    witness: ClassVar[str] = "each look-up that was told the dead address first"

    silent: Annotated[bool, Says("whether connects to it are never answered; otherwise they are refused")] = False

    def command(self) -> Command:
        """What an engine has to carry out."""
        return PutDeadAddressFirst(silent=self.silent)

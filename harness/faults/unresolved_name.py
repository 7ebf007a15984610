"""The HMC's name does not resolve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, FailLookups
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedName:
    """Look-ups of the HMC's name fail: there is no such name. Connections that are open stay."""

    healing: ClassVar[str] = (
        "Look-ups are answered with the HMC's address; a program that remembers the failure asks no more."
    )
    witness: ClassVar[str] = "each look-up of the HMC's name that was answered so"

    temporary: Annotated[bool, Says("whether the look-up itself fails, as where no name server answers")] = False

    def command(self) -> Command:
        """What an engine has to carry out."""
        return FailLookups(temporary=self.temporary)

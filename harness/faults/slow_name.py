"""The HMC's name takes long to resolve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, DelayLookups
from harness.core.values import Says, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowName:
    """Look-ups of the HMC's name are answered late. Most programs' connect timeout does not count this."""

    healing: ClassVar[str] = "Look-ups that wait are answered at once."
    witness: ClassVar[str] = "each look-up that waited, also one that was healed meanwhile"

    delay: Annotated[Seconds, Says("how late")]

    def __post_init__(self) -> None:
        """Refuse what is not late."""
        if self.delay <= 0:
            raise ValueError("delay has to be more than 0")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return DelayLookups(delay_s=self.delay)

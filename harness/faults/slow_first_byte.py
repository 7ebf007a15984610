"""The HMC thinks for a long time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, DelayFirstByte, Direction
from harness.core.values import Says, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowFirstByte:
    """The first byte of each answer is late; the rest follows at once. A TLS handshake's answer is one, too."""

    healing: ClassVar[str] = "What waits goes on at once, in order."
    witness: ClassVar[str] = "the bytes that waited: the first ones of a turn, and what came behind them"

    delay: Annotated[Seconds, Says("how late")]
    direction: Annotated[Direction, Says("which way: request or response")] = Direction.RESPONSE

    def __post_init__(self) -> None:
        """Refuse what delays nothing."""
        if self.delay <= 0:
            raise ValueError("delay has to be more than 0: data that is not late is no fault")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return DelayFirstByte(direction=self.direction, delay_s=self.delay)

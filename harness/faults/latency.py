"""Answers are late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Delay, Direction
from harness.core.values import Says, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Each piece of data is handed on late; the order stays."""

    healing: ClassVar[str] = "What is on its way goes on at once, in order."
    witness: ClassVar[str] = "bytes that were handed on late"

    delay: Annotated[Seconds, Says("how late")]
    jitter: Annotated[Seconds, Says("the delay varies evenly by up to this much, either way")] = 0.0
    direction: Annotated[Direction, Says("which way: request or response")] = Direction.RESPONSE

    def __post_init__(self) -> None:
        """Refuse what delays nothing, and a jitter that would ask for negative delays."""
        if self.delay <= 0:
            raise ValueError("delay has to be more than 0: data that is not late is no fault")
        if self.jitter < 0:
            raise ValueError("jitter cannot be negative; it goes both ways anyhow")
        if self.jitter > self.delay:
            raise ValueError("jitter is larger than delay: data cannot come before it was sent; make jitter smaller")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return Delay(direction=self.direction, delay_s=self.delay, jitter_s=self.jitter)

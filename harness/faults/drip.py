"""Answers come drop by drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Direction, Throttle
from harness.core.values import BytesPerSecond, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """Bytes come one at a time.

    A TLS client sees whole records, so zhmcclient's read timeout does not restart at each byte: it ends a call whose
    next record takes longer. What restarts it at each byte is `slow_answer`.
    """

    healing: ClassVar[str] = "What has not dripped yet goes on at once, in order."
    witness: ClassVar[str] = "bytes that were handed on late, from the first one that waits"

    rate: Annotated[BytesPerSecond, Says("bytes a second, one by one")]
    direction: Annotated[Direction, Says("which way: request or response")] = Direction.RESPONSE

    def __post_init__(self) -> None:
        """Refuse a rate that never lets anything through."""
        if self.rate <= 0:
            raise ValueError("rate has to be more than 0; for no byte at all use the fault hang")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return Throttle(direction=self.direction, bytes_per_s=self.rate, chunk_bytes=1)

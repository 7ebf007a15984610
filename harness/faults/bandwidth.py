"""The line is narrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Direction, Throttle
from harness.core.values import BytesPerSecond, Says

PACKET_BYTES = 1448
"""Payload of a TCP segment on Ethernet: MTU 1500 less 40 bytes of IP and TCP header and 12 of time stamps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """Data comes in packets of ordinary size, at no more than this rate."""

    healing: ClassVar[str] = "What has not passed the narrow line yet goes on at once, in order."
    witness: ClassVar[str] = "bytes that were handed on late; what fits through the line without waiting is none"

    rate: Annotated[BytesPerSecond, Says("bytes a second")]
    direction: Annotated[Direction, Says("which way: request or response")] = Direction.RESPONSE

    def __post_init__(self) -> None:
        """Refuse a rate that never lets anything through."""
        if self.rate <= 0:
            raise ValueError("rate has to be more than 0; for no byte at all use the fault hang")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return Throttle(direction=self.direction, bytes_per_s=self.rate, chunk_bytes=PACKET_BYTES)

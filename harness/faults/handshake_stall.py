"""A TLS handshake begins and does not go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Direction, StallHandshake
from harness.core.values import Bytes, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeStall:
    """New connections are accepted, but their TLS handshake stops; who is past it goes on undisturbed."""

    healing: ClassVar[str] = "What was held of the handshakes goes on at once, in order."
    witness: ClassVar[str] = "bytes of a handshake that were held back; a connection past that point is none"

    direction: Annotated[
        Direction,
        Says("request: the HMC does not get the ClientHello; response: the client does not get the ServerHello"),
    ] = Direction.RESPONSE
    after: Annotated[Bytes, Says("so many bytes of that side's handshake pass first")] = 0

    def __post_init__(self) -> None:
        """Refuse a place that no connection reaches."""
        if self.after < 0:
            raise ValueError("after cannot be negative; 0B is the earliest that there is")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return StallHandshake(direction=self.direction, after_bytes=self.after)

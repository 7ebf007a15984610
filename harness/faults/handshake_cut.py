"""A TLS handshake breaks off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Cut, CutHandshake, Direction
from harness.core.values import Bytes, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeCut:
    """New connections end in the middle of their TLS handshake; who is past it goes on undisturbed."""

    healing: ClassVar[str] = "New handshakes pass; connections that were cut stay gone."
    witness: ClassVar[str] = "each connection that was cut in its handshake, with the byte at which it was"

    how: Annotated[Cut, Says("rst: reset; fin: closed")] = Cut.RST
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
        return CutHandshake(how=self.how, direction=self.direction, after_bytes=self.after)

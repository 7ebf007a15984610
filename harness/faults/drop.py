"""The connection is closed early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Cut, CutConnection, Direction
from harness.core.values import Bytes, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The connection is closed (TCP FIN) before, in the middle of or after an answer, which ends short."""

    healing: ClassVar[str] = "Connections that were closed stay gone; those that were not used meanwhile never notice."
    witness: ClassVar[str] = "each connection that was closed, with the direction and the byte at which it was"

    direction: Annotated[
        Direction,
        Says("request: before the HMC sees it; response: after the HMC has carried it out"),
    ] = Direction.REQUEST
    after: Annotated[Bytes, Says("so many bytes of that direction pass first, counted on the wire (TLS)")] = 0

    def __post_init__(self) -> None:
        """Refuse a place that no connection reaches."""
        if self.after < 0:
            raise ValueError("after cannot be negative; 0B is the earliest that there is")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return CutConnection(how=Cut.FIN, direction=self.direction, after_bytes=self.after)

"""The line goes dead in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core import commands
from harness.core.commands import Command, Direction
from harness.core.values import Bytes, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A request or answer begins, and after so many bytes nothing more comes until the fault heals."""

    healing: ClassVar[str] = "What was held goes on at once, in order."
    witness: ClassVar[str] = "bytes that were held back"

    direction: Annotated[
        Direction,
        Says("request: the HMC gets part of it; response: the HMC has carried it out"),
    ] = Direction.RESPONSE
    after: Annotated[Bytes, Says("so many bytes of that direction pass first, counted on the wire (TLS)")] = 0

    def __post_init__(self) -> None:
        """Refuse a place that no connection reaches."""
        if self.after < 0:
            raise ValueError("after cannot be negative; 0B is the earliest that there is")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.Stall(direction=self.direction, after_bytes=self.after)

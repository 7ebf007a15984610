"""Where what leaves a lane stops: cuts and stalls, counted by the bytes of the turn or of the TLS handshake. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.core.commands import Command, CutConnection, CutHandshake, Direction, Stall, StallHandshake
from harness.engines.relay.orders import Orders
from harness.engines.relay.tls import Handshake
from harness.engines.relay.turn import Turn, bytes_before_cut, bytes_before_stall


@dataclass(frozen=True, slots=True)
class Stop:
    """So many of the coming bytes still pass, and then a step has its say."""

    place: int
    step: int
    command: Command


@dataclass(slots=True)
class Exit:
    """The exit of one direction of a connection."""

    direction: Direction
    turn: Turn
    _handshake: Handshake = field(default_factory=Handshake)

    @property
    def begins_turn(self) -> bool:
        """The next byte is the first of its turn."""
        return self.turn.gone(self.direction) == 0

    def next_stop(self, coming: bytes, orders: Orders) -> Stop | None:
        """The earliest stop in these bytes; of two at one place that of the step with the lower number."""
        stops = [
            Stop(place, step, command)
            for step, command in (*orders.cuts.items(), *orders.stalls.items())
            if (place := self._place(command, coming)) is not None
        ]
        return min(stops, key=lambda stop: (stop.place, stop.step), default=None)

    def count(self, data: bytes) -> None:
        """These bytes leave."""
        self.turn.count(self.direction, len(data))
        self._handshake.count(data)

    def _place(self, command: Command, coming: bytes) -> int | None:
        gone = self.turn.gone(self.direction)
        match command:
            case CutConnection(after_bytes=after_bytes):
                return bytes_before_cut(gone, len(coming), after_bytes)
            case Stall(after_bytes=after_bytes):
                return bytes_before_stall(gone, len(coming), after_bytes)
            case CutHandshake(after_bytes=after_bytes):
                # Bytes that are no handshake are not counted, so a connection that has none is left alone.
                amount = self._handshake.bytes_of(coming)
                return bytes_before_cut(self._handshake.passed, amount, after_bytes) if amount else None
            case StallHandshake(after_bytes=after_bytes):
                return bytes_before_stall(self._handshake.passed, self._handshake.bytes_of(coming), after_bytes)
        return None

"""What Toxiproxy can do, and with which toxics. Pure.

Written after the source of its server, version 2.12.0. `docs/engines.md` lists where it differs from the relay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.core.commands import (
    Address,
    Channel,
    Command,
    ConnectionCommand,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Flap,
    Hang,
    RefuseConnections,
    StreamCommand,
    Throttle,
)

CARRIES: frozenset[type[Command]] = frozenset({RefuseConnections, Flap, Hang, Delay, Throttle, CutConnection})
"""What it carries out, within the limits that `cannot` tells."""

FASTEST_DRIP_BYTES_PER_S = 500.0
"""Its slicer waits for a timer after each byte, and timers are no finer than a millisecond."""
BYTES_PER_KB = 1000
"""Its bandwidth is in whole kilobytes a second."""
FOR_EVER_MS = 24 * 3600 * 1000
STREAMS: Mapping[Direction, str] = {Direction.REQUEST: "upstream", Direction.RESPONSE: "downstream"}


@dataclass(frozen=True, slots=True)
class Toxic:
    """One toxic: its type, the direction that it poisons, and its attributes as the server's API takes them."""

    type: str
    stream: str
    attributes: Mapping[str, int]


def cannot(command: Command) -> str | None:
    """Why Toxiproxy does not carry out this command although it carries its kind; None if it does."""
    if isinstance(command, ConnectionCommand) and command.channel is not Channel.API:
        return "it stands before the port of the API only; use the relay"
    if isinstance(command, ConnectionCommand) and command.address is not Address.FIRST:
        return "it stands before the HMC's first address only; use the relay"
    if isinstance(command, StreamCommand) and command.connection is not None:
        return "its toxics reach every connection and cannot be aimed at one; use the relay"
    return _limit(command)


def _limit(command: Command) -> str | None:
    match command:
        case (
            RefuseConnections(existing=Existing.RESET | Existing.KEEP as existing)
            | Flap(existing=Existing.RESET | Existing.KEEP as existing)
        ):
            return f"it closes open connections and cannot {existing} them; write existing: close, or use the relay"
        case Delay(delay_s=delay_s) if delay_s < 0.001:
            return "its delays are whole milliseconds; use the relay"
        case Throttle(chunk_bytes=1, bytes_per_s=rate) if rate > FASTEST_DRIP_BYTES_PER_S:
            return f"it drips {FASTEST_DRIP_BYTES_PER_S:g}B/s at most; use the relay"
        case Throttle(chunk_bytes=chunk, bytes_per_s=rate) if chunk > 1 and rate % BYTES_PER_KB:
            return "its bandwidth is in whole kB/s; use the relay"
        case CutConnection(how=Cut.RST, after_bytes=after) if after:
            return "it resets before the first byte only; use the fault drop, or the relay"
    return None


def toxics(command: Command, speed: float = 1.0) -> tuple[Toxic, ...]:
    """The toxics that carry out a command that it can; a door needs none.

    `speed` says how many of the agent's seconds pass in one of the wall's: a command's durations are the agent's.
    """
    match command:
        case Hang():
            # Its `timeout` would throw the bytes away and close the connection when it is taken off; a latency
            # without end lets go of what it holds.
            return tuple(Toxic("latency", stream, {"latency": FOR_EVER_MS}) for stream in STREAMS.values())
        case Delay(direction=direction, delay_s=delay_s, jitter_s=jitter_s):
            late = {"latency": _ms(delay_s / speed), "jitter": _ms(jitter_s / speed)}
            return (Toxic("latency", STREAMS[direction], late),)
        case Throttle():
            return (_throttling(command, speed),)
        case CutConnection():
            return (_cutting(command),)
    return ()


def _throttling(command: Throttle, speed: float) -> Toxic:
    stream, rate = STREAMS[command.direction], command.bytes_per_s * speed
    if command.chunk_bytes == 1:
        return Toxic("slicer", stream, {"average_size": 1, "size_variation": 0, "delay": round(1e6 / rate)})
    return Toxic("bandwidth", stream, {"rate": round(rate / BYTES_PER_KB)})


def _cutting(command: CutConnection) -> Toxic:
    stream = STREAMS[command.direction]
    if command.how is Cut.RST:
        return Toxic("reset_peer", stream, {"timeout": 0})
    return Toxic("limit_data", stream, {"bytes": command.after_bytes})


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

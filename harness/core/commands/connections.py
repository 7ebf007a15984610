"""What needs no more than TCP: the door, and the bytes that go through connections."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.core.commands.base import Address, Channel, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCommand(Command):
    """Base of commands that need no more than TCP; they reach the connections of a channel, at an address."""

    channel: Channel = Channel.API
    address: Address = Address.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCommand(ConnectionCommand):
    """Base of commands about what goes through connections; they reach every one of the channel, or one alone.

    Who knocks has no connection yet: commands about the door reach all who come.
    """

    connection: int | None = None
    """Which one, from 1, counted when it begins: those open then, the oldest first, then new ones. None: all."""


class Existing(StrEnum):
    """What becomes of the connections that are open when a fault of the listener begins."""

    RESET = "reset"
    CLOSE = "close"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnections(ConnectionCommand):
    """New connections get ECONNREFUSED at once (the listener does not listen)."""

    existing: Existing = Existing.RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackhole(ConnectionCommand):
    """The kernel drops each packet: a SYN is never answered, open connections fall silent without a FIN or RST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang(StreamCommand):
    """Connections are accepted and bytes are taken, but nothing is passed on until the healing releases it."""


class Cut(StrEnum):
    """How a connection is ended."""

    RST = "rst"
    FIN = "fin"


class Direction(StrEnum):
    """Which way bytes go: request is client to server, response is server to client."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutConnection(StreamCommand):
    """Ends a connection once so many bytes have gone one way since the client last began to speak.

    With `Direction.REQUEST` and 0 bytes the server never sees the request; with `Direction.RESPONSE` and 0 bytes
    the server has carried it out, but the client hears nothing. An idle connection is cut when it is next used,
    because a client's connection pool silently replaces one that dies unused.
    """

    how: Cut
    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOnAccept(ConnectionCommand):
    """New clients are accepted, and their connections ended at once; open ones stay."""

    how: Cut = Cut.FIN


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAfter(ConnectionCommand):
    """So many more clients are accepted; after them new ones get ECONNREFUSED. Open connections stay."""

    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flap(ConnectionCommand):
    """The listener goes down (ECONNREFUSED) and comes up by turns, down first."""

    down_s: float
    up_s: float
    existing: Existing = Existing.RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetConnections(StreamCommand):
    """The connections that are open when it begins are reset when they are next used; new ones are well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(StreamCommand):
    """So many bytes of each turn go one way (see `CutConnection`); what follows is held until the healing."""

    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StallHandshake(StreamCommand):
    """So many bytes of a TLS handshake go one way; what follows is held. Who is past that point is left alone."""

    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CutHandshake(StreamCommand):
    """The connection ends once so many bytes of its TLS handshake went one way; other connections are left alone."""

    how: Cut
    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayFirstByte(StreamCommand):
    """What a side says first in its turn is handed on so late, and all else in order behind it."""

    direction: Direction
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(StreamCommand):
    """Each piece of data is handed on so many seconds late, in order; jitter is drawn evenly from +-jitter_s."""

    direction: Direction
    delay_s: float
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle(StreamCommand):
    """Data is handed on at this rate. `chunk_bytes` 1 is a drip; larger ones are a narrow line."""

    direction: Direction
    bytes_per_s: float
    chunk_bytes: int

"""What a packet says, read from its IPv4 and TCP headers (RFC 791, RFC 9293)."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

SYN, RST, ACK = 0x02, 0x04, 0x10
_TCP = 6
_TCP_HEADER_BYTES = 20

Peer = tuple[str, int]
"""Host and port of one end."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a TCP segment's header that tells how a connection attempt fares."""

    source: Peer
    destination: Peer
    sequence: int
    acknowledged: int
    flags: int

    @property
    def asks(self) -> bool:
        """A client's SYN."""
        return self.flags & (SYN | ACK) == SYN

    @property
    def accepts(self) -> bool:
        """A server's SYN-ACK."""
        return self.flags & (SYN | ACK) == SYN | ACK

    @property
    def resets(self) -> bool:
        """A reset, of an attempt or of an open connection."""
        return bool(self.flags & RST)


def parse(packet: bytes) -> Segment | None:
    """The TCP segment in an IPv4 packet, or None if there is none that can be read."""
    if len(packet) < _TCP_HEADER_BYTES or packet[0] >> 4 != 4 or packet[9] != _TCP:
        return None
    start = (packet[0] & 0x0F) * 4
    if len(packet) < start + _TCP_HEADER_BYTES:
        return None
    source_port, destination_port, sequence, acknowledged, flags = struct.unpack_from("!HHIIxB", packet, start)
    return Segment(
        source=(socket.inet_ntoa(packet[12:16]), source_port),
        destination=(socket.inet_ntoa(packet[16:20]), destination_port),
        sequence=sequence,
        acknowledged=acknowledged,
        flags=flags,
    )

"""Packets and segments written by hand."""

from __future__ import annotations

import socket
import struct

from harness.engines.relay.packets import ACK, RST, SYN, Peer, Segment

CLIENT: Peer = ("127.0.0.1", 40000)
HMC: Peer = ("127.1.2.3", 6794)


def packet(
    source: Peer,
    destination: Peer,
    flags: int,
    *,
    sequence: int = 7,
    acknowledged: int = 0,
    options: bytes = b"",
    protocol: int = 6,
    fragment: int = 0,
) -> bytes:
    """An IPv4 packet with a TCP header; `options` are the IP header's."""
    length = 20 + len(options)
    ip = struct.pack("!BBHHHBBH", 0x40 | length // 4, 0, length + 20, 0, fragment, 64, protocol, 0)
    ip += socket.inet_aton(source[0]) + socket.inet_aton(destination[0]) + options
    return ip + struct.pack("!HHIIBBHHH", source[1], destination[1], sequence, acknowledged, 0x50, flags, 0, 0, 0)


def asks(sequence: int = 7, client: Peer = CLIENT) -> Segment:
    return Segment(client, HMC, sequence, 0, SYN)


def accepts(sequence: int = 7, client: Peer = CLIENT) -> Segment:
    return Segment(HMC, client, 99, sequence + 1, SYN | ACK)


def resets(sequence: int = 7, client: Peer = CLIENT) -> Segment:
    return Segment(HMC, client, 0, (sequence + 1) % 2**32, RST | ACK)

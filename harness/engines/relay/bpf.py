"""Classic BPF programs for the kernel's socket filters, put together from readable lines.

The kernel's description is Documentation/networking/filter.rst; offsets are those of RFC 791 (IPv4) and RFC 9293 (TCP).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

LOAD_BYTE = 0x30
LOAD_HALF = 0x28
LOAD_WORD = 0x20
LOAD_HALF_AT_X = 0x48
LOAD_BYTE_AT_X = 0x50
LOAD_X_IP_HEADER_LENGTH = 0xB1
JUMP_IF_EQUAL = 0x15
JUMP_IF_ANY_BIT = 0x45
AND = 0x54
RETURN = 0x06

PACKET_TYPE = 0xFFFFF000 + 4
"""SKF_AD_OFF + SKF_AD_PKTTYPE: where a program finds which way the packet goes."""
TO_THIS_HOST = 0
"""PACKET_HOST: on the loopback device each packet exists twice, outgoing and incoming; this is the second."""

_TCP = 6
_FRAGMENT_OFFSET = 0x1FFF
_SYN, _RST, _ACK = 0x02, 0x04, 0x10


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction as the kernel takes it: code, relative jumps when true and when false, constant."""

    code: int
    if_true: int
    if_false: int
    k: int

    def packed(self) -> bytes:
        """As `struct sock_filter`."""
        return struct.pack("=HBBI", self.code, self.if_true, self.if_false, self.k)


@dataclass(frozen=True, slots=True)
class _Line:
    """An instruction whose jumps name labels; an empty name goes to the next line."""

    code: int
    k: int
    yes: str = ""
    no: str = ""
    label: str = ""


def _assemble(lines: Sequence[_Line]) -> tuple[Instruction, ...]:
    places = {line.label: place for place, line in enumerate(lines) if line.label}

    def leap(place: int, label: str) -> int:
        return places[label] - place - 1 if label else 0

    return tuple(
        Instruction(line.code, leap(place, line.yes), leap(place, line.no), line.k) for place, line in enumerate(lines)
    )


DROP_EVERYTHING = (Instruction(RETURN, 0, 0, 0),)
"""Keeps no byte of any packet: the kernel drops it as if it had never come, and counts it."""


def handshakes_with(host: str, port: int) -> tuple[Instruction, ...]:
    """Lets through the SYNs to an IPv4 address and TCP port, and the SYN-ACKs and RSTs from there, each once.

    It reads packets from their IP header on, as a packet socket of the kind SOCK_DGRAM shows them.
    """
    address = int.from_bytes(socket.inet_aton(host), "big")
    return _assemble(
        [
            _Line(LOAD_BYTE, PACKET_TYPE),
            _Line(JUMP_IF_EQUAL, TO_THIS_HOST, no="drop"),
            _Line(LOAD_BYTE, 9),
            _Line(JUMP_IF_EQUAL, _TCP, no="drop"),
            _Line(LOAD_HALF, 6),
            _Line(JUMP_IF_ANY_BIT, _FRAGMENT_OFFSET, yes="drop"),
            _Line(LOAD_X_IP_HEADER_LENGTH, 0),
            _Line(LOAD_WORD, 16),
            _Line(JUMP_IF_EQUAL, address, no="from"),
            _Line(LOAD_HALF_AT_X, 2),
            _Line(JUMP_IF_EQUAL, port, no="from"),
            _Line(LOAD_BYTE_AT_X, 13),
            _Line(AND, _SYN | _ACK),
            _Line(JUMP_IF_EQUAL, _SYN, yes="keep", no="drop"),
            _Line(LOAD_WORD, 12, label="from"),
            _Line(JUMP_IF_EQUAL, address, no="drop"),
            _Line(LOAD_HALF_AT_X, 0),
            _Line(JUMP_IF_EQUAL, port, no="drop"),
            _Line(LOAD_BYTE_AT_X, 13),
            _Line(JUMP_IF_ANY_BIT, _SYN | _RST, yes="keep", no="drop"),
            _Line(RETURN, 0xFFFF, label="keep"),
            _Line(RETURN, 0, label="drop"),
        ]
    )

"""What really is on the wire: every TCP segment to and from one port of loopback, stamped by the kernel as it arrives.

It takes CAP_NET_RAW. `make wire` asks for it and fails without; elsewhere the proofs are skipped without it, since what
they prove is proved there by what sockets can tell.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from harness.engines.relay import kernel
from harness.engines.relay.bpf import (
    JUMP_IF_EQUAL,
    LOAD_BYTE,
    LOAD_HALF_AT_X,
    LOAD_X_IP_HEADER_LENGTH,
    PACKET_TYPE,
    RETURN,
    TO_THIS_HOST,
    Instruction,
)
from harness.engines.relay.packets import ACK, RST, SYN

FIN = 0x01
REQUIRED = "WIRE_REQUIRED"
"""An environment variable: what cannot be looked at is a failure."""

DEADLINE_S = 10.0
_AT_ONCE_S = 0.001
_ETH_P_IP = 0x0800
_TCP = 6
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python's socket module does not name it
_BUFFER_BYTES = 4 << 20
_PACKET_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Seen:
    """A segment."""

    t: float
    """Seconds of the kernel's clock."""
    by_server: bool
    """Whether the one who listens sent it."""
    flags: int
    payload: int
    """How many bytes of data it carries."""
    client: tuple[str, int]

    @property
    def is_syn(self) -> bool:
        """A client asks."""
        return self.flags & (SYN | ACK) == SYN

    @property
    def is_syn_ack(self) -> bool:
        """A server lets it in."""
        return self.flags & (SYN | ACK) == SYN | ACK

    @property
    def is_rst(self) -> bool:
        """A reset."""
        return bool(self.flags & RST)

    @property
    def is_fin(self) -> bool:
        """A close."""
        return bool(self.flags & FIN)


@dataclass
class Wire:
    """A capture; it never blocks and holds what it saw."""

    port: int
    tap: socket.socket
    seen: list[Seen] = field(default_factory=list)

    def look(self) -> list[Seen]:
        """All segments until now. Loopback has delivered before a send returns."""
        while True:
            try:
                packet, more, _, _ = self.tap.recvmsg(_PACKET_BYTES, 64)
            except BlockingIOError:
                break
            self.seen.append(_read(packet, self.port, _stamp(more)))
        assert not kernel.dropped_packets(self.tap), "the capture has holes"
        return self.seen

    def by_server(self) -> list[Seen]:
        """What the one who listens sent."""
        return [segment for segment in self.look() if segment.by_server]

    def by_client(self) -> list[Seen]:
        """What its clients sent."""
        return [segment for segment in self.look() if not segment.by_server]


@contextmanager
def capture(port: int) -> Iterator[Wire]:
    """Whatever goes to and from this port while it is open."""
    # Protocol 0 receives nothing, so that no packet slips in before the filter is there.
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as tap:
        tap.setblocking(False)
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        tap.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        kernel.attach_filter(tap, _of_port(port))
        tap.bind(("lo", _ETH_P_IP))
        _wait_for_stamps()
        yield Wire(port, tap)


def _wait_for_stamps() -> None:
    """The kernel stamps arrivals only some time after the first socket asked for it; until then it stamps who reads."""
    deadline = time.monotonic() + DEADLINE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        while time.monotonic() < deadline:
            probe.sendto(b"?", probe.getsockname())
            sent = time.time()
            time.sleep(2 * _AT_ONCE_S)
            _, more, _, _ = probe.recvmsg(1, 64)
            if _stamp(more) < sent + _AT_ONCE_S:
                return
    raise AssertionError("the kernel does not stamp what arrives")


def _stamp(ancillary: list[tuple[int, int, bytes]]) -> float:
    """Seconds, of a struct timespec."""
    ((_, _, stamp),) = ancillary
    seconds, nanoseconds = struct.unpack("@ll", stamp)
    return float(seconds + nanoseconds * 1e-9)


@pytest.fixture(autouse=True)
def may_look() -> None:
    """Fail or skip where this process may not look at the wire."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except PermissionError:
        words = "to look at the wire takes CAP_NET_RAW: see 'Good to know' in README.md"
        if os.environ.get(REQUIRED):
            pytest.fail(words)
        pytest.skip(words)


def _of_port(port: int) -> list[Instruction]:
    """Incoming TCP segments from or to this port. On loopback each segment exists twice, outgoing and incoming."""
    return [
        Instruction(LOAD_BYTE, 0, 0, PACKET_TYPE),
        Instruction(JUMP_IF_EQUAL, 0, 8, TO_THIS_HOST),
        Instruction(LOAD_BYTE, 0, 0, 9),
        Instruction(JUMP_IF_EQUAL, 0, 6, _TCP),
        Instruction(LOAD_X_IP_HEADER_LENGTH, 0, 0, 0),
        Instruction(LOAD_HALF_AT_X, 0, 0, 0),
        Instruction(JUMP_IF_EQUAL, 2, 0, port),
        Instruction(LOAD_HALF_AT_X, 0, 0, 2),
        Instruction(JUMP_IF_EQUAL, 0, 1, port),
        Instruction(RETURN, 0, 0, 0xFFFF),
        Instruction(RETURN, 0, 0, 0),
    ]


def _read(packet: bytes, port: int, t: float) -> Seen:
    """RFC 791 and RFC 9293."""
    start = (packet[0] & 0x0F) * 4
    (length,) = struct.unpack_from("!H", packet, 2)
    source, destination, offset, flags = struct.unpack_from("!HH8xBB", packet, start)
    by_server = source == port
    host = socket.inet_ntoa(packet[16:20] if by_server else packet[12:16])
    client = host, destination if by_server else source
    return Seen(t, by_server, flags, length - start - (offset >> 4) * 4, client)

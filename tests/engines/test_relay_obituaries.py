"""Which of the kernel's messages on a socket's end tell of a refused client."""

from __future__ import annotations

import socket
import struct

import pytest

from harness.engines.relay.obituaries import refused

HMC = ("127.1.2.3", 6794)


def obituary(
    peer: tuple[str, int] = HMC, *, acked: int = 0, heard: int = 1, family: int = socket.AF_INET, info: int = 232
) -> bytes:
    """As Linux 6 sends it: netlink header, struct inet_diag_msg, the attributes INET_DIAG_CGROUP_ID and _INFO."""
    diag = struct.pack("BBBB", family, 7, 0, 0) + struct.pack("!HH", 40000, peer[1])
    diag += socket.inet_aton("127.0.0.1").ljust(16, b"\0") + socket.inet_aton(peer[0]).ljust(16, b"\0")
    tcp_info = bytearray(max(info, 144))
    struct.pack_into("=Q", tcp_info, 120, acked)
    struct.pack_into("=I", tcp_info, 140, heard)
    body = struct.pack("=HHQ", 12, 10, 1) + struct.pack("=HH", 4 + info, 2) + bytes(tcp_info[:info])
    return bytes(16) + diag.ljust(72, b"\0") + body


def test_a_client_that_heard_its_peer_but_got_nothing_acknowledged_was_refused() -> None:
    assert refused(obituary(), HMC)


@pytest.mark.parametrize(
    "message",
    [
        obituary(acked=1),  # it was connected: its SYN was acknowledged
        obituary(heard=0),  # nobody answered: a blackhole
        obituary(("127.1.2.4", 6794)),
        obituary(("127.1.2.3", 6795)),
        obituary(("127.1.2.3", 0), heard=0),  # connect() has blocked, and the kernel has forgotten
        obituary(family=socket.AF_INET6),
        obituary(info=120),  # an old kernel's shorter struct tcp_info
        obituary()[:88],
        b"",
    ],
)
def test_others_were_not(message: bytes) -> None:
    assert not refused(message, HMC)


@pytest.mark.parametrize("length", range(0, 340, 7))
def test_a_message_that_is_cut_off_hurts_nobody(length: int) -> None:
    refused(obituary()[:length], HMC)

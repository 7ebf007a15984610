"""Sees, without any privilege, that a client's socket is gone that was refused a connection.

The kernel tells everybody in the multicast group SKNLGRP_INET_TCP_DESTROY (linux/sock_diag.h, since 4.3) of each TCP
socket that ceases to exist, with its addresses and its `struct tcp_info` (linux/inet_diag.h, linux/tcp.h). One that
has heard of its peer and never had a byte, not even its SYN, acknowledged was answered by a reset.

It proves that a connect was refused, and cannot count: a socket may try again before it goes, and one on which
connect() has blocked has forgotten all when it goes.
"""

from __future__ import annotations

import errno
import socket
import struct

_NETLINK_SOCK_DIAG = 4
_TCP_DESTROY = 1
_MESSAGE_BYTES = 8192
_BUFFER_BYTES = 1 << 20
_HEADER_BYTES, _DIAG_BYTES = 16, 72
_PORTS_AT, _PEER_AT = 20, 40
_INFO = 2
_BYTES_ACKED_AT, _SEGS_IN_AT, _INFO_BYTES = 120, 140, 144


class Obituaries:
    """A netlink socket that hears of each TCP socket's end. It never blocks.

    Raises:
        OSError: this kernel does not tell.
    """

    def __init__(self, host: str, port: int) -> None:
        self._peer = (host, port)
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            self.socket.bind((0, _TCP_DESTROY))
        except BaseException:
            self.socket.close()
            raise

    def read(self) -> int:
        """How many clients of the address were refused and have gone since the last call."""
        found = 0
        while True:
            try:
                found += refused(self.socket.recv(_MESSAGE_BYTES), self._peer)
            except BlockingIOError:
                return found
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # some were lost: nobody counts them
                    raise

    def close(self) -> None:
        """Stop to listen."""
        self.socket.close()


def refused(message: bytes, peer: tuple[str, int]) -> bool:
    """Whether the message tells of a client of this address that was refused."""
    if len(message) < _HEADER_BYTES + _DIAG_BYTES or message[_HEADER_BYTES] != socket.AF_INET:
        return False
    (port,) = struct.unpack_from("!H", message, _PORTS_AT + 2)
    if (socket.inet_ntoa(message[_PEER_AT : _PEER_AT + 4]), port) != peer:
        return False
    info = _attribute(message, _INFO)
    if len(info) < _INFO_BYTES:
        return False
    (acked,) = struct.unpack_from("=Q", info, _BYTES_ACKED_AT)
    (heard,) = struct.unpack_from("=I", info, _SEGS_IN_AT)
    return bool(acked == 0 and heard > 0)


def _attribute(message: bytes, kind: int) -> bytes:
    """The value of one of the attributes (struct nlattr) that follow, or nothing."""
    at = _HEADER_BYTES + _DIAG_BYTES
    while at + 4 <= len(message):
        length, found = struct.unpack_from("=HH", message, at)
        if found == kind:
            return message[at + 4 : at + length]
        at += max(4, (length + 3) & ~3)
    return b""


def open_obituaries(host: str, port: int) -> Obituaries | None:
    """Them, or None where the kernel does not tell."""
    try:
        return Obituaries(host, port)
    except OSError:
        return None

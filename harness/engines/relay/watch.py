"""Sees connection attempts on the loopback device that no listener is ever told of: refused and ignored ones."""

from __future__ import annotations

import socket

from harness.engines.relay import kernel
from harness.engines.relay.bpf import handshakes_with
from harness.engines.relay.packets import Segment, parse

_ETH_P_IP = 0x0800
_HEADERS_BYTES = 120
"""The longest IPv4 and TCP headers there are."""
_BUFFER_BYTES = 1 << 20


class Watch:
    """A packet socket that gets only the handshakes with one address. It never blocks.

    Raises:
        OSError: this process may not (it needs CAP_NET_RAW), or there is no loopback device of this name.
    """

    def __init__(self, host: str, port: int) -> None:
        # Protocol 0 receives nothing, so that no packet slips in before the filter is there.
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            kernel.attach_filter(self.socket, handshakes_with(host, port))
            self.socket.bind(("lo", _ETH_P_IP))
        except BaseException:
            self.socket.close()
            raise

    def read(self) -> list[Segment]:
        """The handshake segments that came since the last call."""
        segments: list[Segment] = []
        while True:
            try:
                packet = self.socket.recv(_HEADERS_BYTES)
            except BlockingIOError:
                return segments
            if (segment := parse(packet)) is not None:
                segments.append(segment)

    def close(self) -> None:
        """Stop watching."""
        self.socket.close()


def open_watch(host: str, port: int) -> Watch | None:
    """A watch, or None where this process may not have one."""
    try:
        return Watch(host, port)
    except OSError:
        return None

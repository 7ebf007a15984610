"""Makes open connections fall silent: the kernel drops what the client sends, before it is acknowledged.

The filter stands on the way in only. On the way out the relay stops writing; bytes that the client had no room for stay
in our kernel, because the client's word that there is room again is dropped. After healing, the client's kernel sends
again when its own timer says so, as behind a router that came back: up to as long again as the silence lasted.
"""

from __future__ import annotations

import socket

from harness.engines.relay import kernel
from harness.engines.relay.bpf import DROP_EVERYTHING


class Silence:
    """The sockets that are silent, and how many packets each had dropped when it was last asked."""

    def __init__(self) -> None:
        self._dropped: dict[socket.socket, int] = {}

    def fall(self, sock: socket.socket) -> None:
        """This socket neither hears nor acknowledges any more. What is written to it is the caller's to hold back.

        Raises:
            OSError: the kernel does not do it.
        """
        if sock not in self._dropped:
            kernel.attach_filter(sock, DROP_EVERYTHING)
            self._dropped[sock] = kernel.dropped_packets(sock)

    def lift(self, sock: socket.socket) -> None:
        """This socket hears again; the client's kernel sends again what it has not got through."""
        if self._dropped.pop(sock, None) is not None and sock.fileno() >= 0:
            kernel.detach_filter(sock)

    def newly_dropped(self, sock: socket.socket) -> int:
        """Packets dropped at this socket since the last call."""
        if sock not in self._dropped or sock.fileno() < 0:
            return 0
        before, self._dropped[sock] = self._dropped[sock], kernel.dropped_packets(sock)
        return self._dropped[sock] - before

"""How client sockets leave: reset, or ended cleanly, and never with a packet that a blackhole should have swallowed."""

from __future__ import annotations

import asyncio
import socket
from enum import Enum, auto

from harness.engines.relay import kernel


class Leave(Enum):
    """The last thing that the client's kernel hears."""

    RST = auto()
    FIN = auto()


class Farewells:
    """Sockets that have no connection any more but are not closed yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parked: list[tuple[socket.socket, Leave]] = []
        self._draining: set[socket.socket] = set()

    def park(self, sock: socket.socket, leave: Leave) -> None:
        """Leave this way once nothing is silent any more."""
        self._parked.append((sock, leave))

    def sockets(self) -> list[socket.socket]:
        """The sockets that are not closed yet: a blackhole takes them too."""
        return [*self._draining, *(sock for sock, _ in self._parked)]

    def release(self) -> None:
        """The silence is over: say what was kept back."""
        parked, self._parked = self._parked, []
        for sock, leave in parked:
            self.say(sock, leave)

    def say(self, sock: socket.socket, leave: Leave) -> None:
        """Leave now."""
        if leave is Leave.RST:
            kernel.reset(sock)
            return
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            sock.close()  # the client was faster: nobody is there to hear it
            return
        # A close with unread bytes would turn the FIN into an RST, so read until the client has closed too.
        self._draining.add(sock)
        self._loop.add_reader(sock, self._drain, sock)

    def close(self) -> None:
        """Give every socket back."""
        for sock in self.sockets():
            self._loop.remove_reader(sock)
            kernel.reset(sock)
        self._draining.clear()
        self._parked.clear()

    def _drain(self, sock: socket.socket) -> None:
        try:
            if sock.recv(1 << 16):
                return
        except BlockingIOError:
            return
        except OSError:
            pass  # reset by the client: gone is gone
        self._loop.remove_reader(sock)
        self._draining.discard(sock)
        sock.close()

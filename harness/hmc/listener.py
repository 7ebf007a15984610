"""Accepts TLS connections, and leaves none behind, in whatever state a fault has left them.

A fault that holds back every byte makes connections that never end their handshake, and others whose peer never says
goodbye. asyncio's own server forgets the first kind and waits half a minute for the second. So connections are
accepted and kept here.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from harness.hmc.settings import NO_LIMITS, Limits

_LOG = logging.getLogger(__name__)

BACKLOG = 1024
FOR_EVER_S = 365 * 24 * 3600.0
"""asyncio knows no handshake without a limit."""

FAREWELL_S = 1.0
"""How long a client has for its part of TLS's goodbye, after we have said ours."""


@runtime_checkable
class TakesTurns(Protocol):
    """A protocol that knows whose turn it is to speak."""

    def silent_since_s(self) -> float | None:
        """When the client was last heard, in the loop's time, if it is its turn; None if it waits for us."""
        ...


@dataclass(slots=True)
class _Seat:
    """A connection's place among the others."""

    accepted_s: float
    transport: asyncio.Transport | None = None
    """Once its handshake is over."""

    def silent_since_s(self) -> float | None:
        """Since when it is the client's turn."""
        if self.transport is None:
            return self.accepted_s
        protocol = self.transport.get_protocol()
        return protocol.silent_since_s() if isinstance(protocol, TakesTurns) else None


class Listener:
    """Listens on one address; `protocol` makes the protocol of each connection."""

    def __init__(
        self,
        protocol: Callable[[], asyncio.BaseProtocol],
        context: ssl.SSLContext,
        crashed: Callable[[BaseException], None],
        limits: Limits = NO_LIMITS,
    ) -> None:
        self._limits = limits
        self._protocol = protocol
        self._context = context
        self._crashed = crashed
        self._socket: socket.socket | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._shaking: set[asyncio.Task[None]] = set()
        self._open: dict[socket.socket, _Seat] = {}
        self._is_full = False

    def listen(self, host: str, port: int) -> int:
        """Begin to accept; the port, which the kernel chooses for 0.

        Raises:
            OSError: the address cannot be bound.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except OSError:
            listening.close()
            raise
        self._socket = listening
        asyncio.get_running_loop().add_reader(listening, self._accept, listening)
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Stop to accept, and end every connection at once. Safe to call twice."""
        if self._pause:
            self._pause.cancel()
        if self._socket:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._socket = self._pause = None
        for connection, seat in self._open.items():
            _end(connection, seat.transport)
        await asyncio.gather(*self._shaking, return_exceptions=True)
        while self._prune():  # noqa: ASYNC110 - asyncio has no event for it; each was ended above
            await asyncio.sleep(0.001)

    def _prune(self) -> bool:
        """Forget closed connections; whether any is left."""
        self._open = {item: seat for item, seat in self._open.items() if item.fileno() != -1}
        return bool(self._open)

    def _make_room(self) -> bool:
        """End another connection if there are too many already; whether a new one is welcome."""
        self._prune()
        if self._limits.connections is None or len(self._open) < self._limits.connections:
            self._is_full = False
            return True
        if not self._is_full:
            _LOG.warning("there are %d connections already: who is silent is hung up on", len(self._open))
        self._is_full = True
        silent = [(since, item) for item, seat in self._open.items() if (since := seat.silent_since_s()) is not None]
        if not silent:
            return False
        _, longest = min(silent, key=lambda one: one[0])
        _end(longest, self._open.pop(longest).transport)
        return True

    # Accepted at once, and not by a task: one that is cancelled loses the connection that it was just handed.

    def _accept(self, listening: socket.socket) -> None:
        """Somebody has connected."""
        try:
            connection, _ = listening.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client gave up while it waited in the backlog
        except OSError as error:
            self._crashed(error)
            self._stop_to_accept(listening, error)
            return
        if self._make_room():
            self._seat(connection)
        else:
            connection.close()

    def _stop_to_accept(self, listening: socket.socket, error: OSError) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(listening)
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
            # Nothing can be accepted until somebody closes a file.
            self._pause = loop.call_later(0.1, loop.add_reader, listening, self._accept, listening)

    def _seat(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        seat = self._open[connection] = _Seat(loop.time())
        task = loop.create_task(self._establish(connection, seat))
        self._shaking.add(task)
        task.add_done_callback(self._shaking.discard)

    async def _establish(self, connection: socket.socket, seat: _Seat) -> None:
        try:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=FOR_EVER_S if self._limits.request_s is None else self._limits.request_s,
                ssl_shutdown_timeout=FAREWELL_S,
            )
        except OSError:
            pass  # the client went away, or does not trust us: its business, and asyncio has closed the connection
        except Exception as error:  # noqa: BLE001 - told to the observer, and no other connection suffers
            self._crashed(error)
        else:
            seat.transport = transport


def _end(connection: socket.socket, transport: asyncio.Transport | None) -> None:
    """End a connection at once, in whatever state it is."""
    # In its handshake or its farewell a connection has no transport that could be aborted. To asyncio this is a peer
    # that hung up, and asyncio clears up after those in every state.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    # What was closed is in its farewell; in Python 3.11.2, what was closed twice raises AttributeError.
    if transport and not transport.is_closing():
        transport.abort()

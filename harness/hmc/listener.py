"""Accepts TLS connections, and leaves none behind, in whatever state a fault has left them.

A fault that holds back every byte makes connections that never end their handshake, and others whose peer never says
goodbye. asyncio's own server forgets the first kind and waits half a minute for the second. So connections are
accepted and kept here.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Callable

BACKLOG = 1024
HANDSHAKE_TIMEOUT_S = 3600.0
"""A client that is kept from speaking by a fault must not see us hang up first."""

FAREWELL_S = 1.0
"""How long a client has for its part of TLS's goodbye, after we have said ours."""


class Listener:
    """Listens on one address; `protocol` makes the protocol of each connection."""

    def __init__(
        self,
        protocol: Callable[[], asyncio.BaseProtocol],
        context: ssl.SSLContext,
        crashed: Callable[[BaseException], None],
    ) -> None:
        self._protocol = protocol
        self._context = context
        self._crashed = crashed
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._shaking: set[asyncio.Task[None]] = set()
        self._open: dict[socket.socket, asyncio.Transport | None] = {}
        """Each connection, with its transport once its handshake is over."""

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
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listening))
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Stop to accept, and end every connection at once. Safe to call twice."""
        if self._accepting:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
        if self._socket:
            self._socket.close()
        self._socket = self._accepting = None
        for connection, transport in self._open.items():
            # In its handshake or its farewell a connection has no transport that could be aborted. To asyncio this
            # is a peer that hung up, and asyncio clears up after those in every state.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            # What was closed is in its farewell; in Python 3.11.2, what was closed twice raises AttributeError.
            if transport and not transport.is_closing():
                transport.abort()
        await asyncio.gather(*self._shaking, return_exceptions=True)
        while self._prune():  # noqa: ASYNC110 - asyncio has no event for it; each was ended above
            await asyncio.sleep(0.001)

    def _prune(self) -> bool:
        """Forget closed connections; whether any is left."""
        self._open = {item: transport for item, transport in self._open.items() if item.fileno() != -1}
        return bool(self._open)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except ConnectionError:
                continue  # the client gave up while it waited in the backlog
            except OSError as error:
                self._crashed(error)
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    return
                await asyncio.sleep(0.1)  # nothing can be accepted until somebody closes a file
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._prune()
            self._open[connection] = None
            task = loop.create_task(self._establish(connection))
            self._shaking.add(task)
            task.add_done_callback(self._shaking.discard)

    async def _establish(self, connection: socket.socket) -> None:
        try:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
                ssl_shutdown_timeout=FAREWELL_S,
            )
        except OSError:
            pass  # the client went away, or does not trust us: its business, and asyncio has closed the connection
        except Exception as error:  # noqa: BLE001 - told to the observer, and no other connection suffers
            self._crashed(error)
        else:
            self._open[connection] = transport

"""Accepts TLS connections, and leaves none behind: neither an open one, nor one that never ended its handshake.

asyncio's own server (until Python 3.13) forgets connections that are still in their handshake, and a fault that holds
back every byte makes such connections. So connections are accepted here, one task each, until they are established.
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
        self._shaking: dict[asyncio.Task[None], socket.socket] = {}

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
        """Stop to accept, and drop the connections that are not established yet. Safe to call twice."""
        if self._accepting:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
        if self._socket:
            self._socket.close()
        self._socket = self._accepting = None
        shaking = dict(self._shaking)
        for connection in shaking.values():
            # To asyncio this is a client that hung up in its handshake, and asyncio clears up after those.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        await asyncio.gather(*shaking, return_exceptions=True)
        while any(connection.fileno() != -1 for connection in shaking.values()):  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0)

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
            task = loop.create_task(self._establish(connection))
            self._shaking[task] = connection
            task.add_done_callback(self._shaking.pop)

    async def _establish(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, connection, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S
            )
        except OSError:
            pass  # the client went away, or does not trust us: its business, and asyncio has closed the connection
        except Exception as error:  # noqa: BLE001 - told to the observer, and no other connection suffers
            self._crashed(error)

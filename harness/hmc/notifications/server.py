"""Listens for those who want notifications, and tells them of each change in the HMC."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace

from harness.hmc.changes import Change, Changes
from harness.hmc.listener import Listener
from harness.hmc.notifications.access import Access, addressees
from harness.hmc.notifications.connection import Connection
from harness.hmc.notifications.conversation import Conversation
from harness.hmc.notifications.interference import Interference
from harness.hmc.notifications.messages import notification_of
from harness.hmc.settings import NO_LIMITS, Limits

STOMP_PORT = 61612
"""Where a real HMC listens for STOMP over TLS; several clients know no other."""


class NotificationServer:
    """The HMC's message broker. Lives in the HMC's loop; a change is on its way to all before the next one happens."""

    def __init__(
        self,
        access: Access,
        changes: Changes,
        crashed: Callable[[BaseException], None],
        clock_factor: float = 1.0,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self._limits = limits
        self.interference = Interference()
        """Who watches what is sent, and what goes wrong with it."""
        self._clock_factor = clock_factor
        self._access = access
        self._changes = changes
        self._crashed = crashed
        self._listener: Listener | None = None
        self._end_subscription: Callable[[], None] | None = None
        self._connections: set[Connection] = set()
        self._accepted = 0
        self._told = 0

    def listen(self, host: str, port: int, context: ssl.SSLContext) -> int:
        """Begin to accept clients, and to tell changes; the port, which the kernel chooses for 0.

        Raises:
            OSError: the address cannot be bound.
        """
        listener = Listener(self._new_connection, context, self._crashed, self._limits)
        port = listener.listen(host, port)
        self._listener = listener
        if self._end_subscription is None:
            self._end_subscription = self._changes.subscribe(self._tell)
        return port

    async def close(self) -> None:
        """End every connection and listen no more. Safe to call twice; `listen` may follow."""
        if self._end_subscription:
            self._end_subscription()
            self._end_subscription = None
        for connection in list(self._connections):
            connection.abort()
        if self._listener:
            await self._listener.close()
            self._listener = None

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._connections)

    def listeners(self, topic: str) -> int:
        """How many clients listen to a topic."""
        return sum(connection.listens_to(topic) for connection in self._connections)

    def _new_connection(self) -> asyncio.Protocol:
        self._accepted += 1
        conversation = Conversation(self._access, f"mock-HMC-{self._accepted}")
        return Connection(
            conversation, self._connections, self.interference, self._clock_factor, self._limits.request_s
        )

    def _tell(self, change: Change) -> None:
        self._told += 1
        if not self._connections:
            return
        plain = notification_of(change)
        numbered = replace(plain, headers={**plain.headers, "global-sequence-nr": str(self._told)})
        for topic in addressees(change, self._access):
            for connection in list(self._connections):
                connection.deliver(topic, numbered)

"""The HMC's ports: HTTPS, and STOMP where asked. They can be shut and opened again at the same place."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.hmc.listener import Listener
from harness.hmc.notifications import NotificationServer
from harness.hmc.settings import Limits


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen; port 0 is any that is free, and no STOMP port is no notifications."""

    host: str
    port: int
    stomp_port: int | None
    names: Sequence[str]
    """What the certificate names."""


class Doors:
    """Both ports of one HMC. `http` makes, within the loop, what makes the protocol of each HTTPS connection."""

    def __init__(
        self,
        http: Callable[[], Callable[[], asyncio.BaseProtocol]],
        notifications: NotificationServer,
        context: Callable[..., ssl.SSLContext],
        crashed: Callable[[BaseException], None],
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._http = http
        self._notifications = notifications
        self._context = context
        self._crashed = crashed
        self._listener: Listener | None = None
        self.place: Place | None = None
        """Where they are, with the ports that the kernel chose; None before they were opened first."""

    async def open(self, place: Place) -> Place:
        """Listen; where. Doors that are open are shut first.

        Raises:
            OSError: an address cannot be bound. Then nothing is open.
        """
        await self.shut()
        context = self._context(*place.names)
        self._listener = Listener(self._http(), context, self._crashed, self._limits)
        try:
            port = self._listener.listen(place.host, place.port)
            stomp_port = place.stomp_port
            if stomp_port is not None:
                stomp_port = self._notifications.listen(place.host, stomp_port, context)
        except OSError:
            await self.shut()
            raise
        self.place = Place(place.host, port, stomp_port, place.names)
        return self.place

    async def shut(self) -> None:
        """End every connection; whoever connects now is refused. Safe to call twice."""
        await self._notifications.close()
        if self._listener:
            await self._listener.close()
            self._listener = None

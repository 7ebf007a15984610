"""Where clients come in, or do not: the listener, and the watch that sees the ones who did not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from harness.engines.relay.attempts import Attempt, Attempts
from harness.engines.relay.listener import Listener
from harness.engines.relay.obituaries import Obituaries, open_obituaries
from harness.engines.relay.orders import Door
from harness.engines.relay.watch import Watch, open_watch

Welcome = Callable[[socket.socket, str | None], None]
"""Given a client, and the name under which its attempt was told before if it had been ignored at first."""


class Entrance:
    """Accepts clients, and tells of each attempt that failed, once; where it may not, only that clients were refused.

    Raises:
        AddressInUse: the address is taken.
        EngineFailed: the address is off loopback or cannot be bound.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        new_name: Callable[[], str],
        welcome: Welcome,
        failed: Callable[[Attempt], None],
        refused: Callable[[int], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._welcome, self._failed, self._refused = welcome, failed, refused
        self._listener = Listener(host, port)
        self._drops = 0
        self._watch = open_watch(self._listener.host, self._listener.port)
        self._attempts = Attempts(new_name)
        host, port = self.address
        self._obituaries = None if self._watch else open_obituaries(host, port)
        self._ears: list[Watch | Obituaries] = [ears for ears in (self._watch, self._obituaries) if ears is not None]
        for ears in self._ears:
            self._loop.add_reader(ears.socket, self.look)
        self._loop.add_reader(self._listener, self._accept)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self._listener.host, self._listener.port

    @property
    def sees_attempts(self) -> bool:
        """Whether attempts that failed can be seen one by one."""
        return self._watch is not None

    def become(self, door: Door) -> None:
        """Open, refuse or fall silent; who came before that is still let in.

        Raises:
            OSError: the kernel does not do it.
        """
        before = self._listener.door
        if door is before:
            return
        self.look()
        self._accept()
        # A listener that refuses is always ready: the loop must not watch it.
        self._loop.remove_reader(self._listener)
        try:
            self._listener.become(door)
        finally:
            if self._listener.door is not Door.REFUSING:
                self._loop.add_reader(self._listener, self._accept)
        if door is Door.SILENT:
            self._drops = self._listener.dropped_packets()
            self._accept()
            self._look(ignoring=False)  # who asked a moment before the silence may have had an answer

    def look(self) -> None:
        """Tell of the attempts that failed since the last look."""
        self._look(ignoring=self._listener.door is Door.SILENT)

    def newly_dropped(self) -> int:
        """Packets that the silence has swallowed since the last call."""
        before, self._drops = self._drops, self._listener.dropped_packets()
        return self._drops - before

    def close(self) -> None:
        """Give the address back."""
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for ears in self._ears:
            self._loop.remove_reader(ears.socket)
            ears.close()

    def _look(self, *, ignoring: bool) -> None:
        if self._watch is not None:
            for attempt in self._attempts.feed(self._watch.read(), ignoring=ignoring):
                self._failed(attempt)
        if self._obituaries is not None and (number := self._obituaries.read()):
            self._refused(number)

    def _accept(self) -> None:
        # Asked anew each time: who comes in may be the last one before a refusal, and a shut listener accepts nothing.
        while self._listener.door is not Door.REFUSING and (found := self._listener.accept()) is not None:
            self.look()
            client, peer = found
            self._welcome(client, self._attempts.accepted(peer))

"""A client, the relay and a server, all raw sockets in one loop, so that a test says byte by byte what happens."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from harness.core.events import ConnectionAttempt, ConnectionEnded, Event, Touched, Unseen
from harness.engines.relay import Relay

DEADLINE_S = 10.0
"""Nothing here takes so long, except when it is broken."""

_Kind = TypeVar("_Kind", bound=Event)


class WallClock:
    """The wall's seconds."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class ListRecorder:
    """Keeps what was recorded, with the moment of it."""

    events: list[tuple[float, Event]] = field(default_factory=list)

    def record(self, event: Event) -> None:
        self.events.append((self.now(), event))

    def now(self) -> float:
        return time.monotonic()

    def hide(self, secret: str, name: str) -> None:
        raise AssertionError("the relay knows no secrets")

    def redact(self, text: str) -> str:
        return text

    def all(self, kind: type[_Kind]) -> list[_Kind]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def touches(self, step: int) -> list[Touched]:
        return [event for event in self.all(Touched) if event.step == step]

    def touched(self, step: int) -> int:
        return sum(event.amount for event in self.touches(step))

    def unseen(self) -> list[int]:
        return [event.step for event in self.all(Unseen)]

    def outcomes(self) -> list[str]:
        return [event.outcome for event in self.all(ConnectionAttempt)]

    def ends(self) -> list[tuple[str, int, int]]:
        return [(event.by, event.bytes_request, event.bytes_response) for event in self.all(ConnectionEnded)]


@dataclass
class World:
    """The three parties. Every wait has a deadline."""

    relay: Relay
    recorder: ListRecorder
    upstream: socket.socket
    sockets: list[socket.socket] = field(default_factory=list)

    async def connect(self, relay: Relay | None = None) -> socket.socket:
        """A new client; of another relay if one is given."""
        client = self._own(socket.socket())
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.get_running_loop().sock_connect(client, (relay or self.relay).address)
        return client

    async def accept(self) -> socket.socket:
        """The server's end of the next connection that the relay opens."""
        async with asyncio.timeout(DEADLINE_S):
            server, _ = await asyncio.get_running_loop().sock_accept(self.upstream)
        return self._own(server)

    async def pair(self) -> tuple[socket.socket, socket.socket]:
        """A client and its server."""
        client = await self.connect()
        return client, await self.accept()

    async def send(self, sock: socket.socket, data: bytes) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.get_running_loop().sock_sendall(sock, data)

    async def fill(self, sock: socket.socket) -> int:
        """Send until nobody takes more, but not without end; returns how many bytes were taken."""
        sent = stuck = 0
        while stuck < 50 and sent < 200 << 20:
            try:
                sent += sock.send(bytes(1 << 16))
                stuck = 0
            except BlockingIOError:
                stuck += 1
                await asyncio.sleep(0.002)
        return sent

    async def receive(self, sock: socket.socket, amount: int) -> bytes:
        """Exactly so many bytes."""
        data = b""
        async with asyncio.timeout(DEADLINE_S):
            while len(data) < amount:
                piece = await asyncio.get_running_loop().sock_recv(sock, amount - len(data))
                assert piece, f"the connection ended after {data!r}"
                data += piece
        return data

    async def rest(self, sock: socket.socket) -> tuple[bytes, str]:
        """All that still comes, and how it ends: eof or reset."""
        data = b""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    piece = await asyncio.get_running_loop().sock_recv(sock, 1 << 16)
                except ConnectionResetError:
                    return data, "reset"
                if not piece:
                    return data, "eof"
                data += piece

    async def exchange(self, client: socket.socket, server: socket.socket) -> None:
        """One request and its answer pass."""
        await self.send(client, b"ask")
        assert await self.receive(server, 3) == b"ask"
        await self.send(server, b"answer")
        assert await self.receive(client, 6) == b"answer"

    async def until(self, condition: str, holds: Callable[[], object]) -> None:
        """Wait until this is true."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not holds():  # noqa: ASYNC110 - what is waited for knows no events
                    await asyncio.sleep(0.001)
        except TimeoutError:
            raise AssertionError(f"never came true: {condition}; recorded: {self.recorder.events}") from None

    async def relay_has_read(self) -> None:
        """Let the loop look at its sockets: loopback has delivered before a send returns."""
        for _ in range(5):
            await asyncio.sleep(0)

    async def stay_silent(self, *socks: socket.socket) -> None:
        """Nothing comes for a while: not a byte and not an end."""
        for _ in range(20):
            assert all(silent(sock) for sock in socks)
            await asyncio.sleep(0.002)

    async def stay_silent_at_the_server(self) -> None:
        """Nobody comes to the server for a while."""
        for _ in range(20):
            with pytest.raises(BlockingIOError):
                self.upstream.accept()
            await asyncio.sleep(0.002)

    def _own(self, sock: socket.socket) -> socket.socket:
        sock.setblocking(False)
        self.sockets.append(sock)
        return sock


def silent(sock: socket.socket) -> bool:
    """Nothing waits to be read: neither bytes nor an end."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    return False


@asynccontextmanager
async def world(seed: int = 1) -> AsyncIterator[World]:
    """A relay that listens on a free port and carries to a server of the test's; all gone afterwards.

    What a callback of the loop dies of would only be logged: here it fails the test.
    """
    died: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: died.append(context))
    recorder = ListRecorder()
    upstream = socket.create_server(("127.0.0.1", 0))
    upstream.setblocking(False)
    relay = Relay(recorder, WallClock(), seed=seed)
    made = World(relay, recorder, upstream)
    try:
        await relay.listen("127.0.0.1", 0)
        relay.connect_to(*upstream.getsockname())
        yield made
    finally:
        await relay.close()
        for sock in [upstream, made.upstream, *made.sockets]:
            sock.close()
    assert not died, died

"""What the relay costs: round trips of a small message straight to a server, and through the relay.

Run it with ``python -m benchmarks.bench_relay``. Server, relay and clients are processes of their own, as in a trial.
Numbers are in milliseconds and requests a second; `Hang_ms` and its like are how long the loop stands still.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import statistics
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext

from harness.core.commands import Blackhole, Delay, Direction, Hang, RefuseConnections
from harness.core.events import Event
from harness.engines.relay import Relay

MESSAGE_BYTES = 200
"""About a small request of the HMC's API."""
WARM_UP = 200
ROUND_TRIPS = 3000
CLIENTS = 8
RATE_SECONDS = 2.0

Address = tuple[str, int]


class _Clock:
    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Recorder:
    """Forgets everything, so that the relay alone is measured."""

    def record(self, event: Event) -> None: ...

    def now(self) -> float:
        return time.monotonic()

    def hide(self, secret: str, name: str) -> None: ...

    def redact(self, text: str) -> str:
        return text


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname())
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        server.close()

    asyncio.run(serve())


def _relay(pipe: Connection, upstream: Address) -> None:
    async def serve() -> None:
        relay = Relay(_Recorder(), _Clock(), seed=1)
        await relay.listen("127.0.0.1", 0)
        relay.connect_to(*upstream)
        pipe.send(relay.address)
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        await relay.close()

    asyncio.run(serve())


def _client(address: Address, seconds: float, pipe: Connection) -> None:
    done = 0
    with _connected(address) as sock:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            _round_trip(sock)
            done += 1
    pipe.send(done)


def _connected(address: Address) -> socket.socket:
    sock = socket.create_connection(address)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _round_trip(sock: socket.socket) -> None:
    sock.sendall(bytes(MESSAGE_BYTES))
    left = MESSAGE_BYTES
    while left:
        left -= len(sock.recv(left))


def _latencies_ms(addresses: Sequence[Address]) -> list[float]:
    """The median round trip to each; they take turns, so that a noisy moment of the machine meets them all."""
    socks = [_connected(address) for address in addresses]
    took: list[list[float]] = [[] for _ in socks]
    for count in range(WARM_UP + ROUND_TRIPS):
        for sock, times in zip(socks, took, strict=True):
            began = time.perf_counter()
            _round_trip(sock)
            if count >= WARM_UP:
                times.append((time.perf_counter() - began) * 1000)
    for sock in socks:
        sock.close()
    return [statistics.median(times) for times in took]


def _rate(context: SpawnContext, address: Address) -> float:
    pipes, clients = [], []
    for _ in range(CLIENTS):
        ours, theirs = context.Pipe()
        client = context.Process(target=_client, args=(address, RATE_SECONDS, theirs))
        client.start()
        pipes.append(ours)
        clients.append(client)
    done = sum(pipe.recv() for pipe in pipes)
    for client in clients:
        client.join()
    return float(done) / RATE_SECONDS


def _begin_ms() -> dict[str, float]:
    """The longest that the loop stands still while a fault begins or heals, with eight open connections."""

    async def measure() -> dict[str, float]:
        upstream = socket.create_server(("127.0.0.1", 0))
        relay = Relay(_Recorder(), _Clock(), seed=1)
        await relay.listen("127.0.0.1", 0)
        relay.connect_to(*upstream.getsockname())
        found = {}
        delay = Delay(direction=Direction.RESPONSE, delay_s=1)
        for number, command in enumerate([Hang(), delay, Blackhole(), RefuseConnections()]):
            clients = [_connected(relay.address) for _ in range(8)]
            await asyncio.sleep(0.05)
            began = time.perf_counter()
            await relay.begin(number, command)
            in_force = time.perf_counter()
            await relay.heal(number)
            slowest = max(in_force - began, time.perf_counter() - in_force)
            found[f"{type(command).__name__}_ms"] = round(slowest * 1000, 3)
            for client in clients:
                client.close()
        await relay.close()
        upstream.close()
        return found

    return asyncio.run(measure())


def main() -> dict[str, float]:
    """Measure, print and return the numbers."""
    context = multiprocessing.get_context("spawn")
    (ours, theirs), (relay_ours, relay_theirs) = context.Pipe(), context.Pipe()
    server = context.Process(target=_serve, args=(theirs,))
    server.start()
    direct = ours.recv()
    relay = context.Process(target=_relay, args=(relay_theirs, direct))
    relay.start()
    relayed = relay_ours.recv()
    try:
        direct_ms, relayed_ms = _latencies_ms([direct, relayed])
        direct_rate, relayed_rate = _rate(context, direct), _rate(context, relayed)
    finally:
        for pipe, process in ((ours, server), (relay_ours, relay)):
            pipe.send("stop")
            process.join()
    numbers = {
        "direct_p50_ms": round(direct_ms, 4),
        "relay_p50_ms": round(relayed_ms, 4),
        "added_p50_ms": round(relayed_ms - direct_ms, 4),
        "p50_ratio": round(relayed_ms / direct_ms, 2),
        "direct_requests_per_s": round(direct_rate),
        "relay_requests_per_s": round(relayed_rate),
        **_begin_ms(),
    }
    for name, value in numbers.items():
        print(f"{name:24} {value:>12}")
    return numbers


if __name__ == "__main__":
    main()

"""Starts a whole Neutron, keeps it, makes it another one when told to, and ends it: RabbitMQ, tables, neutron-server.

Laws:
1. It lives as long as its standard input: whoever started it holds the other end, so that even a kill -9 of the
   holder ends all of it. Each process is behind a guard of its own, so that a kill -9 of the keeper does, too.
2. Its one line on standard output, `Addresses`, is written when everything answers.
3. Everything listens on one address 127.x.y.z that nobody else has; only the Erlang port mapper is on 127.0.0.1
   and ::1, too, whatever it is told.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.control_plane.neutron.addresses import Addresses
from harness.control_plane.neutron.broker import Broker
from harness.control_plane.neutron.installed import find_neutron, find_rabbitmq
from harness.control_plane.neutron.orders import taken
from harness.control_plane.neutron.server import Server
from harness.control_plane.neutron.settings import API_PORT, BUS_PORT, Layout
from harness.control_plane.neutron.wishes import Wishes
from harness.errors import EngineFailed
from harness.guard.folder import own_folder

ORDERS = {
    "which": "the wishes that it fulfils; none while a part of it is away",
    "become": "fulfil these wishes, and be whole",
    "stop broker": "RabbitMQ is away; what it keeps is kept",
    "start broker": "RabbitMQ is back",
    "stop server": "neutron-rpc-server is away; the API answers",
    "start server": "neutron-rpc-server is back",
}
"""What a keeper can be told."""

ADDRESSES_TRIED = 20
USER = "neutron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which Neutron is wanted."""

    root: Path
    """The project: where the programs are."""
    wishes: Wishes
    """What it is like at first."""
    database: str = ""
    """SQLAlchemy's URL of an empty database; empty for an SQLite file of its own."""


class Keeper:
    """One Neutron. Use it with `async with`."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._stack = AsyncExitStack()
        self._parts: tuple[Broker, Server] | None = None
        self._is: Wishes | None = None
        """What it is like; None while a part of it is away."""
        self._failure: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Addresses:
        """Start all of it; returns when it can be used.

        Raises:
            EngineFailed: a part does not start, or is not installed; says what to do.
        """
        try:
            return await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def ended(self) -> str:
        """Waits until a part ends that nobody has asked to; returns which, in words."""
        return await self._failure

    async def carry_out(self, order: str, body: Any = None) -> Any:
        """Do what an order says; see `ORDERS`.

        Raises:
            EngineFailed: it cannot be done; says why.
        """
        if order not in ORDERS:
            raise EngineFailed(f"unknown order {order!r}; there are {', '.join(ORDERS)}")
        if self._parts is None:
            raise EngineFailed("there is no Neutron yet")
        broker, server = self._parts
        match order:
            case "which":
                return None if self._is is None else self._is.to_json()
            case "become":
                await self._become(Wishes.from_json(body), broker, server)
            case "stop broker":
                self._is = None
                await broker.stop()
            case "start broker":
                await broker.start()
            case "stop server":
                self._is = None
                await server.stop_rpc()
            case "start server":
                await server.start_rpc()
        return None

    async def _become(self, wishes: Wishes, broker: Broker, server: Server) -> None:
        """Another one; also one that is whole again. What is in the database and in the broker's queues stays."""
        self._is = None
        await server.stop()
        await broker.start()
        await server.start(wishes)
        self._is = wishes

    def _on_end(self, words: str) -> None:
        if not self._failure.done():
            self._failure.set_result(words)

    async def _start(self) -> Addresses:
        rabbitmq, neutron = find_rabbitmq(self._order.root), find_neutron(self._order.root)
        folder = self._stack.enter_context(own_folder("neutron"))
        layout = self._free_place(folder)
        broker, server = self._parts = Broker(layout, rabbitmq, self._on_end), Server(layout, neutron, self._on_end)
        self._stack.push_async_callback(broker.close)
        self._stack.push_async_callback(server.stop)
        await asyncio.gather(broker.start(), server.prepare())
        wishes = self._is = self._order.wishes
        await server.start(wishes)
        await self._stack.enter_async_context(taken(folder, self.carry_out))
        return Addresses(
            api_url=layout.api_url,
            bus_host=layout.host,
            bus_port=BUS_PORT,
            bus_user=layout.user,
            bus_password=layout.password,
            agent_down_time_s=wishes.agent_down_time_s,
            speed=wishes.speed,
            folder=str(folder),
        )

    def _free_place(self, folder: Path) -> Layout:
        # The choice is no part of a plan, so it takes no part in a seed.
        chance = random.SystemRandom()
        for _ in range(ADDRESSES_TRIED):
            host = f"127.{chance.randint(1, 127)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
            epmd_port = chance.randint(20_000, 30_000)
            ports = (API_PORT, BUS_PORT, epmd_port, epmd_port + 1)
            if all(map(_free, [*((host, port) for port in ports), ("127.0.0.1", epmd_port)])):
                break
        else:
            raise EngineFailed(f"no loopback address is free for a Neutron in {ADDRESSES_TRIED} tries")
        return Layout(
            folder=folder,
            host=host,
            database=self._order.database or f"sqlite:///{folder}/neutron.sqlite?timeout=30",
            user=USER,
            password=secrets.token_hex(12),
            epmd_port=epmd_port,
            erlang_port=epmd_port + 1,
        )


def _free(place: tuple[str, int]) -> bool:
    """Whether it can be listened on. The programs bind by themselves; what is nobody's stays so till then."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError:
            return False
    return True

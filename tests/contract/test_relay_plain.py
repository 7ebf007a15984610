"""Contract of the relay without faults: it carries bytes exactly, tells of connections, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time

import psutil
import pytest

from harness.core.commands import (
    Blackhole,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Hang,
    RefuseConnections,
    RunBystander,
)
from harness.core.events import ConnectionAttempt, Touched
from harness.engines.relay import AddressInUse, Relay
from harness.errors import EngineFailed
from tests.contract.relay_world import ListRecorder, WallClock, world

pytestmark = pytest.mark.contract


def sockets_of_this_process() -> list[str]:
    """Every TCP, packet and unix socket that this process holds, by its file descriptor."""
    folder = "/proc/self/fd"
    links = []
    for number in os.listdir(folder):
        try:
            links.append(os.readlink(f"{folder}/{number}"))
        except FileNotFoundError:
            continue
    return sorted(link for link in links if link.startswith("socket:"))


def test_bytes_pass_both_ways_and_the_end_is_the_clients() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            client.close()
            assert await w.rest(server) == (b"", "eof")
            server.close()
            await w.until("the end is recorded", w.recorder.ends)
            assert w.recorder.ends() == [("client", 3, 6)]
            assert w.recorder.all(ConnectionAttempt) == [ConnectionAttempt(connection="c1", outcome="accepted")]
            assert not w.recorder.all(Touched)

    asyncio.run(story())


def test_megabytes_pass_unchanged_against_a_slow_reader() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            data = os.urandom(8 << 20)
            sending = asyncio.create_task(w.send(server, data))
            received = await w.receive(client, len(data))
            await sending
            assert received == data

    asyncio.run(story())


def test_a_reader_that_does_not_read_makes_the_sender_wait() -> None:
    """Back-pressure: the relay takes a bounded amount, then TCP tells the sender to wait."""

    async def story() -> None:
        async with world() as w:
            _, server = await w.pair()
            assert await w.fill(server) < 64 << 20

    asyncio.run(story())


def test_half_closing_leaves_the_other_direction_open() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.send(client, b"last")
            client.shutdown(socket.SHUT_WR)
            assert await w.rest(server) == (b"last", "eof")
            await w.send(server, b"answer")
            server.close()
            assert await w.rest(client) == (b"answer", "eof")
            await w.until("the end is recorded", w.recorder.ends)
            assert w.recorder.ends() == [("client", 4, 6)]

    asyncio.run(story())


@pytest.mark.parametrize("side", ["client", "hmc"])
def test_a_reset_is_passed_on_as_a_reset(side: str) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            first, other = (client, server) if side == "client" else (server, client)
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            first.close()
            assert await w.rest(other) == (b"", "reset")
            assert w.recorder.ends() == [(side, 3, 6)]

    asyncio.run(story())


def test_an_upstream_that_is_not_there_is_a_reset_by_the_hmc() -> None:
    async def story() -> None:
        async with world() as w:
            w.upstream.close()
            client = await w.connect()
            assert await w.rest(client) == (b"", "reset")
            assert w.recorder.ends() == [("hmc", 0, 0)]

    asyncio.run(story())


def test_the_upstream_may_change_between_connections() -> None:
    async def story() -> None:
        async with world() as w:
            await w.exchange(*await w.pair())
            old, w.upstream = w.upstream, socket.create_server(("127.0.0.2", 0))
            w.upstream.setblocking(False)
            w.sockets.append(old)
            w.relay.connect_to(*w.upstream.getsockname())
            await w.exchange(*await w.pair())

    asyncio.run(story())


@pytest.mark.parametrize("refusing", [False, True])
def test_an_address_that_is_taken_is_told_even_while_its_relay_refuses(refusing: bool) -> None:
    async def story() -> None:
        async with world() as w:
            if refusing:
                await w.relay.begin(1, RefuseConnections())
            other = Relay(ListRecorder(), WallClock(), seed=1)
            with pytest.raises(AddressInUse, match=r"take another address"):
                await other.listen(*w.relay.address)
            await other.close()

    asyncio.run(story())


def test_nothing_listens_or_leads_off_loopback() -> None:
    async def story() -> None:
        relay = Relay(ListRecorder(), WallClock(), seed=1)
        with pytest.raises(EngineFailed, match="loopback only"):
            await relay.listen("0.0.0.0", 0)  # noqa: S104 - that is the point
        with pytest.raises(EngineFailed, match="loopback only"):
            relay.connect_to("192.0.2.1", 443)

    asyncio.run(story())


def test_what_it_cannot_do_it_says() -> None:
    async def story() -> None:
        relay = Relay(ListRecorder(), WallClock(), seed=1)
        with pytest.raises(EngineFailed, match="does not listen"):
            await relay.begin(1, Hang())
        async with world() as w:
            with pytest.raises(EngineFailed, match="not for this engine"):
                await w.relay.begin(1, RunBystander(profile="x"))
            await w.relay.begin(1, Hang())
            with pytest.raises(EngineFailed, match="in force already"):
                await w.relay.begin(1, Hang())
            await w.relay.heal(7)

    asyncio.run(story())


def test_closing_in_the_middle_of_faults_leaves_no_socket_and_no_task() -> None:
    """Not even one in TIME-WAIT, which would belong to no process any more."""

    async def story() -> None:
        before = sockets_of_this_process()
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            cut_off, _ = await w.pair()
            await w.relay.begin(9, CutConnection(how=Cut.FIN, direction=Direction.REQUEST))
            await w.send(cut_off, b"x")
            assert await w.rest(cut_off) == (b"", "eof")
            await w.relay.heal(9)
            await w.relay.begin(1, Delay(direction=Direction.RESPONSE, delay_s=60))
            await w.send(server, b"late")
            await w.relay.begin(2, Hang())
            await w.relay.begin(3, RefuseConnections(existing=Existing.KEEP))
            await w.send(client, b"held")
            await w.until("the hang has it", lambda: w.recorder.touched(2))
            await w.relay.begin(4, Blackhole())
            address = w.relay.address
            await w.relay.close()
            await w.relay.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}
            client.close()
            cut_off.close()
            assert address not in [tuple(c.laddr) for c in psutil.net_connections("tcp")]
        # Other tests' sockets may be collected meanwhile, so there may be fewer than before, but none that is new.
        assert set(sockets_of_this_process()) <= set(before)

    asyncio.run(story())


def test_an_address_is_free_again_at_once_after_closing() -> None:
    async def story() -> None:
        async with world() as w:
            address = w.relay.address
            await w.exchange(*await w.pair())
            await w.relay.close()
            again = Relay(ListRecorder(), WallClock(), seed=1)
            await again.listen(*address)
            await again.close()

    asyncio.run(story())


def test_small_writes_are_not_gathered() -> None:
    """Nagle's algorithm off on both sides, or a drip would come in lumps."""

    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            [connection] = w.relay._connections
            for sock in (connection.client, connection._server):
                assert sock is not None
                assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    asyncio.run(story())


@pytest.mark.parametrize("state", ["half closed", "refusing", "hanging", "blackholed"])
def test_waiting_costs_no_processor_time(state: str) -> None:
    """Some sockets in these states are ready for ever: a loop that watches one of them spins."""

    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            if state == "half closed":
                client.shutdown(socket.SHUT_WR)
                assert await w.rest(server) == (b"", "eof")
            elif state == "refusing":
                await w.relay.begin(1, RefuseConnections(existing=Existing.KEEP))
            else:
                await w.relay.begin(1, Hang() if state == "hanging" else Blackhole())
                await w.send(server, b"held")
                server.close()
            await w.relay_has_read()
            began = time.process_time()
            await asyncio.sleep(0.2)
            assert time.process_time() - began < 0.1

    asyncio.run(story())

"""Contract of the faults that stop or slow down the middle of an exchange, and of forgotten connections."""

from __future__ import annotations

import asyncio

import pytest

from harness.core.commands import (
    Command,
    Cut,
    CutConnection,
    Delay,
    DelayFirstByte,
    Direction,
    ForgetConnections,
    Hang,
    Stall,
    Throttle,
)
from tests.contract.relay_world import world

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


@pytest.mark.parametrize("after_bytes", [0, 1, 4000, 300_000])
def test_a_stalled_answer_delivers_exactly_its_bytes_and_the_rest_after_the_healing(after_bytes: int) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, Stall(direction=RESPONSE, after_bytes=after_bytes))
            await w.send(client, b"ask")
            assert await w.receive(server, 3) == b"ask"
            answer = bytes(index % 251 for index in range(400_000))
            sending = asyncio.create_task(w.send(server, answer))
            assert await w.receive(client, after_bytes) == answer[:after_bytes]
            await w.until("it is held", lambda: w.recorder.touches(1))
            await w.stay_silent(client)
            await w.relay.heal(1)
            assert await w.receive(client, 400_000 - after_bytes) == answer[after_bytes:]
            await sending
            assert w.recorder.touched(1) <= 400_000 - after_bytes
            await w.exchange(client, server)

    asyncio.run(story())


def test_a_stalled_request_reaches_the_server_in_part() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Stall(direction=REQUEST, after_bytes=5))
            await w.send(client, b"half of it")
            assert await w.receive(server, 5) == b"half "
            await w.until("the rest is held", lambda: w.recorder.touched(1) == 5)
            await w.stay_silent(server, client)
            await w.relay.heal(1)
            assert await w.receive(server, 5) == b"of it"

    asyncio.run(story())


def test_an_answer_that_ends_where_a_stall_stands_is_whole_and_no_witness() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Stall(direction=RESPONSE, after_bytes=6))
            await w.exchange(client, server)
            await w.exchange(client, server)
            assert not w.recorder.touches(1)

    asyncio.run(story())


def test_a_client_that_gives_up_on_a_stalled_answer_is_gone() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Stall(direction=RESPONSE, after_bytes=2))
            await w.send(client, b"ask")
            await w.send(server, b"answer")
            await w.receive(client, 2)
            client.close()
            await w.until("the end is recorded", w.recorder.ends)
            assert w.recorder.ends() == [("client", 3, 2)]

    asyncio.run(story())


@pytest.mark.parametrize("command", [Stall(direction=RESPONSE), Hang()], ids=["stall", "hang"])
def test_a_server_that_gives_up_meanwhile_is_heard_after_it(command: Command) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, command)
            await w.send(server, b"bye")
            server.close()
            await w.until("it is held", lambda: w.recorder.touches(1))
            await w.stay_silent(client)
            await w.relay.heal(1)
            assert await w.rest(client) == (b"bye", "eof")

    asyncio.run(story())


def test_a_stall_takes_a_bounded_amount() -> None:
    async def story() -> None:
        async with world() as w:
            _, server = await w.pair()
            await w.relay.begin(1, Stall(direction=RESPONSE, after_bytes=10))
            assert await w.fill(server) < 64 << 20

    asyncio.run(story())


def test_overlap_two_stalls_let_go_one_after_the_other() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Stall(direction=RESPONSE, after_bytes=4))
            await w.relay.begin(2, Stall(direction=RESPONSE, after_bytes=2))
            await w.send(server, b"answer")
            assert await w.receive(client, 2) == b"an"
            await w.stay_silent(client)
            await w.relay.heal(2)
            assert await w.receive(client, 2) == b"sw"
            await w.stay_silent(client)
            await w.relay.heal(1)
            assert await w.receive(client, 2) == b"er"

    asyncio.run(story())


def test_the_first_byte_of_each_answer_is_late_and_the_rest_of_it_not_later() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, DelayFirstByte(direction=RESPONSE, delay_s=0.1))
            for _ in range(2):
                await w.send(client, b"ask")
                assert await w.receive(server, 3) == b"ask"
                began = w.recorder.now()
                await w.send(server, b"ans")
                await w.receive(client, 3)
                first = w.recorder.now()
                assert first - began >= 0.1
                await w.send(server, b"wer")
                await w.receive(client, 3)
                assert w.recorder.now() - first < first - began
            await w.relay.heal(1)
            assert w.recorder.touched(1) == 6

    asyncio.run(story())


def test_what_follows_a_late_first_byte_does_not_overtake_it() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, DelayFirstByte(direction=RESPONSE, delay_s=0.1))
            await w.send(server, b"ans")
            await w.relay_has_read()
            await w.send(server, b"wer")
            assert await w.receive(client, 6) == b"answer"

    asyncio.run(story())


def test_a_forgotten_connection_looks_alive_and_is_reset_at_its_next_use_and_new_ones_are_well() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, ForgetConnections())
            await w.stay_silent(client)
            assert not w.recorder.touches(1)
            fresh = await w.pair()
            await w.exchange(*fresh)
            await w.send(client, b"ask again")
            assert await w.rest(client) == (b"", "reset")
            assert await w.rest(server) == (b"", "eof")
            assert w.recorder.touched(1) == 1
            await w.exchange(*fresh)

    asyncio.run(story())


def test_a_forgotten_connection_that_is_not_used_before_the_healing_is_remembered_again() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, ForgetConnections())
            await w.relay.heal(1)
            await w.exchange(client, server)
            assert not w.recorder.touches(1)

    asyncio.run(story())


@pytest.mark.parametrize(("how", "end"), [(Cut.RST, "reset"), (Cut.FIN, "eof")])
def test_composed_latency_and_a_drop_the_answer_is_late_and_then_cut(how: Cut, end: str) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Delay(direction=RESPONSE, delay_s=0.1))
            await w.relay.begin(2, CutConnection(how=how, direction=RESPONSE, after_bytes=3))
            await w.send(client, b"ask")
            await w.receive(server, 3)
            began = w.recorder.now()
            await w.send(server, b"answer")
            assert await w.rest(client) == (b"ans", end)
            assert w.recorder.now() - began >= 0.1
            assert w.recorder.touched(1) == 6
            assert w.recorder.touched(2) == 1

    asyncio.run(story())


def test_composed_a_late_first_byte_a_drip_and_a_stall() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, DelayFirstByte(direction=RESPONSE, delay_s=0.1))
            await w.relay.begin(2, Throttle(direction=RESPONSE, bytes_per_s=100, chunk_bytes=1))
            await w.relay.begin(3, Stall(direction=RESPONSE, after_bytes=4))
            await w.send(client, b"ask")
            await w.receive(server, 3)
            began = w.recorder.now()
            await w.send(server, b"answer")
            assert await w.receive(client, 4) == b"answ"
            assert w.recorder.now() - began >= 0.13
            await w.stay_silent(client)
            await w.relay.heal(3)
            assert await w.receive(client, 2) == b"er"

    asyncio.run(story())

"""Contract of the faults that touch bytes: hang, cut, delay and throttle, proved by what a raw client sees."""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.core.commands import Blackhole, Cut, CutConnection, Delay, Direction, Hang, Throttle
from tests.contract.relay_world import World, world

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


async def arrivals(w: World, sock: socket.socket, amount: int) -> list[float]:
    """The moment of each byte."""
    moments = []
    for _ in range(amount):
        await w.receive(sock, 1)
        moments.append(w.recorder.now())
    return moments


def test_a_hang_takes_bytes_and_releases_them_in_order() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, Hang())
            for piece in (b"one ", b"two ", b"three"):
                await w.send(client, piece)
            await w.send(server, b"answer")
            await w.until("all is held", lambda: len(w.recorder.touches(1)) == 2)
            await w.stay_silent(server, client)
            await w.relay.heal(1)
            assert await w.receive(server, 13) == b"one two three"
            assert await w.receive(client, 6) == b"answer"
            assert w.recorder.touched(1) == 19

    asyncio.run(story())


def test_a_client_that_gives_up_during_a_hang_is_freed_and_its_request_never_sent() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, Hang())
            await w.send(client, b"held")
            client.close()
            await w.until("the end is recorded", w.recorder.ends)
            assert w.recorder.ends() == [("client", 3, 6)]
            assert await w.rest(server) == (b"", "eof")

    asyncio.run(story())


def test_a_hang_takes_a_bounded_amount() -> None:
    async def story() -> None:
        async with world() as w:
            client, _ = await w.pair()
            await w.relay.begin(1, Hang())
            assert 1 << 20 <= await w.fill(client) < 64 << 20

    asyncio.run(story())


def test_a_hang_holds_what_already_waits_for_a_slow_reader() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            data = bytes(16 << 20)
            sending = asyncio.create_task(w.send(server, data))
            [connection] = w.relay._connections
            await w.until("the client's buffers are full", lambda: connection.response_waits)
            await w.relay.begin(1, Hang())
            passed = connection.passed(RESPONSE)
            received = len(await w.receive(client, passed))
            await w.stay_silent(client)
            assert connection.passed(RESPONSE) == passed
            await w.relay.heal(1)
            await w.receive(client, len(data) - received)
            await sending

    asyncio.run(story())


def test_a_clean_cut_stays_clean_while_the_client_still_speaks() -> None:
    """A close with unread bytes would be a reset: what the client still sends is read and thrown away."""

    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, CutConnection(how=Cut.FIN, direction=REQUEST))
            await w.send(client, bytes(4 << 20))
            assert await w.rest(client) == (b"", "eof")
            await w.send(client, b"more")
            assert await w.rest(server) == (b"", "eof")

    asyncio.run(story())


@pytest.mark.parametrize(("how", "end"), [(Cut.RST, "reset"), (Cut.FIN, "eof")])
def test_a_request_cut_waits_for_the_next_request_and_the_server_never_sees_it(how: Cut, end: str) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, CutConnection(how=how, direction=REQUEST))
            assert not w.recorder.touches(1)
            await w.send(client, b"ask again")
            assert await w.rest(client) == (b"", end)
            assert await w.rest(server) == (b"", "eof")
            assert w.recorder.ends() == [("fault", 3, 6)]
            assert [t.what for t in w.recorder.touches(1)] == [f"cut with {how} after 0 bytes of the request: c1"]

    asyncio.run(story())


@pytest.mark.parametrize(("how", "end"), [(Cut.RST, "reset"), (Cut.FIN, "eof")])
@pytest.mark.parametrize("after_bytes", [0, 1, 4000, 300_000])
def test_a_response_cut_delivers_exactly_its_bytes(how: Cut, end: str, after_bytes: int) -> None:
    """The server has seen the request; the client gets exactly so many bytes, then the end."""

    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, CutConnection(how=how, direction=RESPONSE, after_bytes=after_bytes))
            await w.send(client, b"ask")
            assert await w.receive(server, 3) == b"ask"
            answer = bytes(index % 251 for index in range(400_000))
            sending = asyncio.create_task(w.send(server, answer))
            assert await w.rest(client) == (answer[:after_bytes], end)
            assert w.recorder.ends() == [("fault", 6, 6 + after_bytes)]
            assert len(w.recorder.touches(1)) == 1
            await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(story())


def test_a_request_cut_after_bytes_lets_the_server_see_exactly_these() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, CutConnection(how=Cut.RST, direction=REQUEST, after_bytes=5))
            await w.send(client, b"half of it")
            assert await w.rest(server) == (b"half ", "eof")
            assert await w.rest(client) == (b"", "reset")
            assert w.recorder.ends() == [("fault", 5, 0)]

    asyncio.run(story())


def test_a_response_shorter_than_the_cut_passes_whole_and_the_count_begins_anew() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=8))
            await w.exchange(client, server)
            await w.exchange(client, server)
            await w.send(client, b"ask")
            await w.receive(server, 3)
            await w.send(server, b"a longer answer")
            assert await w.rest(client) == (b"a longer", "eof")

    asyncio.run(story())


def test_a_cut_reaches_a_response_that_is_awaited_and_leaves_one_that_is_past_it() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.send(client, b"ask")
            await w.receive(server, 3)
            await w.send(server, b"answ")
            await w.receive(client, 4)
            await w.relay.begin(1, CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=2))
            await w.send(server, b"er")
            assert await w.receive(client, 2) == b"er"
            await w.send(client, b"ask")
            await w.receive(server, 3)
            await w.send(server, b"answer")
            assert await w.rest(client) == (b"an", "reset")

    asyncio.run(story())


def test_a_cut_that_healed_cuts_nothing() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, CutConnection(how=Cut.RST, direction=REQUEST))
            await w.relay.heal(1)
            await w.exchange(client, server)
            assert not w.recorder.touches(1)

    asyncio.run(story())


@pytest.mark.parametrize("direction", Direction)
def test_a_delay_makes_its_direction_late_and_the_other_not(direction: Direction) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Delay(direction=direction, delay_s=0.1))
            slow, fast = (client, server) if direction is REQUEST else (server, client)
            began = w.recorder.now()
            await w.send(slow, b"late")
            await w.send(fast, b"prompt")
            await w.receive(slow, 6)
            assert not w.recorder.touched(1)
            await w.receive(fast, 4)
            assert w.recorder.now() - began >= 0.1
            assert w.recorder.touched(1) == 4

    asyncio.run(story())


def test_healing_a_delay_releases_what_it_held_at_once_and_in_order() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Delay(direction=RESPONSE, delay_s=60, jitter_s=30))
            await w.send(server, b"first ")
            await w.relay_has_read()
            await w.send(server, b"second ")
            await w.relay_has_read()
            await w.relay.heal(1)
            await w.send(server, b"third")
            assert await w.receive(client, 18) == b"first second third"
            assert w.recorder.touched(1) == 13

    asyncio.run(story())


def test_a_drip_comes_byte_by_byte_at_its_rate() -> None:
    """20 bytes at 200 bytes a second end 100 ms after the first was sent: deadlines do not drift."""

    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Throttle(direction=RESPONSE, bytes_per_s=200, chunk_bytes=1))
            began = w.recorder.now()
            await w.send(server, bytes(20))
            moments = await arrivals(w, client, 20)
            assert moments[-1] - began >= 0.1
            assert all(moment - began >= 0.005 * (index + 1) for index, moment in enumerate(moments))
            assert len(set(moments)) == 20
            await w.relay.heal(1)
            assert w.recorder.touched(1) == 20
            assert len(w.recorder.touches(1)) == 2

    asyncio.run(story())


def test_healing_a_drip_lets_the_rest_flow_at_once() -> None:
    """The first byte is a witness at once; the rest would take longer than a wait here may last."""

    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Throttle(direction=RESPONSE, bytes_per_s=20, chunk_bytes=1))
            data = bytes(range(250))
            await w.send(server, data)
            first = await w.receive(client, 1)
            assert len(w.recorder.touches(1)) == 1
            await w.relay.heal(1)
            assert first + await w.receive(client, 249) == data
            assert w.recorder.touched(1) == 250

    asyncio.run(story())


def test_a_narrow_line_carries_its_rate() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Throttle(direction=RESPONSE, bytes_per_s=1_000_000, chunk_bytes=10_000))
            began = w.recorder.now()
            sending = asyncio.create_task(w.send(server, bytes(200_000)))
            await w.receive(client, 200_000)
            await sending
            assert w.recorder.now() - began >= 0.2

    asyncio.run(story())


def test_overlap_a_hang_beats_delay_and_drip_and_each_goes_on_after_it() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Delay(direction=RESPONSE, delay_s=0.02))
            await w.relay.begin(2, Throttle(direction=RESPONSE, bytes_per_s=100, chunk_bytes=1))
            await w.relay.begin(3, Hang())
            await w.send(server, b"slowly")
            await w.until("it is held", lambda: w.recorder.touched(3) == 6)
            await w.stay_silent(client)
            await w.relay.heal(3)
            began = w.recorder.now()
            assert await w.receive(client, 6) == b"slowly"
            assert w.recorder.now() - began >= 0.06
            for step in (1, 2):
                await w.relay.heal(step)
                assert w.recorder.touched(step) == 6

    asyncio.run(story())


def test_overlap_a_cut_counts_what_leaves_a_drip() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Throttle(direction=RESPONSE, bytes_per_s=200, chunk_bytes=1))
            await w.relay.begin(2, CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=3))
            await w.send(server, b"answer")
            assert await w.rest(client) == (b"ans", "reset")
            assert w.recorder.touched(2) == 1

    asyncio.run(story())


def test_overlap_a_hang_in_a_blackhole_lets_go_only_when_both_heal() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Hang())
            await w.relay.begin(2, Blackhole())
            await w.send(server, b"news")
            await w.until("both hold it", lambda: w.recorder.touched(1) and w.recorder.touched(2))
            await w.relay.heal(1)
            await w.stay_silent(client)
            await w.relay.heal(2)
            assert await w.receive(client, 4) == b"news"

    asyncio.run(story())


def test_a_client_that_gives_up_on_a_drip_ends_its_connection() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Throttle(direction=RESPONSE, bytes_per_s=100, chunk_bytes=1))
            await w.send(server, bytes(1000))
            await w.receive(client, 2)
            client.close()
            await w.until("the end is recorded", w.recorder.ends)
            assert w.recorder.ends()[0][0] == "client"
            assert w.recorder.touched(1) == 1000

    asyncio.run(story())

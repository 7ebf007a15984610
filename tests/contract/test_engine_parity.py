"""One contract for both L4 engines: what a TCP client sees is the same; test_engine_parity_clients.py has the others.

The half of Toxiproxy needs its server: `make toxiproxy-test`. The known differences stand in docs/engines.md, each with
its test at the end of this file.
"""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.core.commands import (
    Command,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Flap,
    Hang,
    RefuseConnections,
    Throttle,
)
from tests.contract.engine_world import Sick, on_each_engine, sick
from tests.contract.relay_world import DEADLINE_S

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
REFUSE = RefuseConnections(existing=Existing.CLOSE)
DRIP = Throttle(direction=RESPONSE, bytes_per_s=100, chunk_bytes=1)
FLAP = Flap(down_s=0.2, up_s=0.2, existing=Existing.CLOSE)
EACH: list[Command] = [
    REFUSE,
    FLAP,
    Hang(),
    Delay(direction=REQUEST, delay_s=0.05),
    Delay(direction=RESPONSE, delay_s=0.05, jitter_s=0.01),
    Throttle(direction=REQUEST, bytes_per_s=100, chunk_bytes=1),
    DRIP,
    Throttle(direction=RESPONSE, bytes_per_s=2000, chunk_bytes=1448),
    CutConnection(how=Cut.RST, direction=REQUEST),
    CutConnection(how=Cut.RST, direction=RESPONSE),
    CutConnection(how=Cut.FIN, direction=REQUEST, after_bytes=2),
    CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=2),
]
each_command = pytest.mark.parametrize("command", EACH, ids=lambda c: f"{type(c).__name__}-{EACH.index(c)}")


# A plain TCP client


@on_each_engine
def test_bytes_pass_unchanged_and_in_order(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            data = bytes(index % 251 for index in range(1 << 20))
            sending = asyncio.create_task(s.w.send(client, data))
            assert await s.w.receive(server, len(data)) == data
            await sending

    asyncio.run(story())


@on_each_engine
def test_refusing_closes_what_is_open_and_lets_nobody_in_until_it_heals(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            await s.engine.begin(1, REFUSE)
            assert await s.w.rest(client) == (b"", "eof")
            with pytest.raises(ConnectionRefusedError):
                await s.w.connect()
            assert s.touched(1)
            await s.engine.heal(1)
            # The server hears of the end as well; what waits next for it is the new client.
            await s.w.exchange(*await s.w.pair())

    asyncio.run(story())


@on_each_engine
def test_two_refusals_overlap(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(1, REFUSE)
            await s.engine.begin(2, REFUSE)
            await s.engine.heal(1)
            with pytest.raises(ConnectionRefusedError):
                await s.w.connect()
            await s.engine.heal(2)
            await s.w.exchange(*await s.w.pair())

    asyncio.run(story())


@on_each_engine
def test_a_flapping_port_is_shut_and_open_by_turns_shut_first_until_it_heals(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            began = s.w.recorder.now()
            await s.engine.begin(1, FLAP)
            for turn in (1, 2):
                assert await s.w.rest(client) == (b"", "eof")
                client = await let_in(s)
                # Nothing of a plan comes before its time: first it is shut, then open, then shut.
                assert s.w.recorder.now() - began >= turn * FLAP.down_s + (turn - 1) * FLAP.up_s
            assert s.touched(1)
            await s.engine.heal(1)
            await let_in(s)
            await asyncio.sleep(FLAP.down_s + FLAP.up_s)
            await let_in(s)

    asyncio.run(story())


async def let_in(s: Sick) -> socket.socket:
    """A client that tries until it is connected."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                return await s.w.connect()
            except ConnectionRefusedError:
                await asyncio.sleep(0.002)


@on_each_engine
@pytest.mark.parametrize("moment", [0.0, 0.05, 0.1, 0.15])
def test_a_flapping_port_that_heals_at_any_moment_stays_open(name: str, moment: float) -> None:
    """Also in the middle of a turn, of which the server is told by then."""

    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(1, Flap(down_s=0.05, up_s=0.05, existing=Existing.CLOSE))
            await asyncio.sleep(moment)
            await s.engine.heal(1)
            for _ in range(5):
                await s.w.exchange(*await s.w.pair())
                await asyncio.sleep(0.02)

    asyncio.run(story())


@on_each_engine
def test_a_hang_takes_bytes_and_releases_them_in_order(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            await s.engine.begin(1, Hang())
            for piece in (b"one ", b"two ", b"three"):
                await s.w.send(client, piece)
                await s.w.relay_has_read()
            await s.w.send(server, b"answer")
            await s.w.stay_silent(server, client)
            await s.engine.heal(1)
            assert await s.w.receive(server, 13) == b"one two three"
            assert await s.w.receive(client, 6) == b"answer"
            assert s.touched(1)

    asyncio.run(story())


async def took(s: Sick, command: Command, amount: int = 1) -> float:
    """How long so many bytes of an answer take under this step."""
    client, server = await s.w.pair()
    await s.w.exchange(client, server)
    await s.engine.begin(1, command)
    await s.w.send(client, b"ask")
    began = s.w.recorder.now()
    await s.w.receive(server, 3)
    await s.w.send(server, bytes(amount))
    await s.w.receive(client, amount)
    elapsed = s.w.recorder.now() - began
    await s.engine.heal(1)
    return elapsed


@on_each_engine
@pytest.mark.parametrize("direction", Direction)
def test_four_times_the_delay_takes_longer_in_proportion(name: str, direction: Direction) -> None:
    async def story() -> None:
        async with sick(name) as s:
            short = await took(s, Delay(direction=direction, delay_s=0.1))
            long = await took(s, Delay(direction=direction, delay_s=0.4))
            assert short >= 0.1
            assert long >= 0.4
            assert 2 < long / short < 8, "in proportion, as far as a busy machine lets one see it"
            assert s.touched(1)

    asyncio.run(story())


@on_each_engine
def test_delays_of_two_steps_add_up(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(2, Delay(direction=RESPONSE, delay_s=0.1))
            assert await took(s, Delay(direction=RESPONSE, delay_s=0.1)) >= 0.2

    asyncio.run(story())


@on_each_engine
@pytest.mark.parametrize("chunk_bytes", [1, 1448])
def test_a_rate_is_kept_and_its_answer_takes_longer_in_proportion(name: str, chunk_bytes: int) -> None:
    rate = 100 if chunk_bytes == 1 else 10_000

    async def story() -> None:
        async with sick(name) as s:
            command = Throttle(direction=RESPONSE, bytes_per_s=rate, chunk_bytes=chunk_bytes)
            # A tenth less: Toxiproxy's first byte does not wait.
            short, long = await took(s, command, rate // 5), await took(s, command, rate // 2)
            assert short >= 0.2 * 0.9
            assert long >= 0.5 * 0.9
            assert 1.5 < long / short < 5, "in proportion, as far as a busy machine lets one see it"

    asyncio.run(story())


@on_each_engine
def test_a_drip_comes_byte_by_byte_and_the_rest_of_it_at_once_when_it_heals(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            await s.engine.begin(1, DRIP)
            data = bytes(range(200)) * 20  # 40 s at this rate: longer than any wait here
            began = s.w.recorder.now()
            await s.w.send(server, data)
            got = b""
            for _ in range(5):
                got += await asyncio.get_running_loop().sock_recv(client, 4096)
                # Never ahead of the rate; Toxiproxy's first byte does not wait.
                assert len(got) <= (s.w.recorder.now() - began) * DRIP.bytes_per_s + 1
            await s.engine.heal(1)
            assert got + await s.w.receive(client, len(data) - len(got)) == data
            assert s.touched(1)

    asyncio.run(story())


@on_each_engine
def test_a_new_connection_is_reset_at_its_first_byte_and_the_server_never_sees_it(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(1, CutConnection(how=Cut.RST, direction=REQUEST))
            client, server = await s.w.pair()
            await s.w.send(client, b"ask")
            assert await s.w.rest(client) == (b"", "reset")
            assert (await s.w.rest(server))[0] == b""
            assert s.touched(1)
            assert s.w.recorder.ends()[0][0] == "fault"

    asyncio.run(story())


@on_each_engine
def test_the_answer_of_a_new_connection_is_reset_after_the_server_has_seen_the_request(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(1, CutConnection(how=Cut.RST, direction=RESPONSE))
            client, server = await s.w.pair()
            await s.w.send(client, b"ask")
            assert await s.w.receive(server, 3) == b"ask"
            await s.w.send(server, b"answer")
            assert await s.w.rest(client) == (b"", "reset")
            assert s.touched(1)

    asyncio.run(story())


@on_each_engine
@pytest.mark.parametrize("after_bytes", [0, 1, 4000])
def test_an_answer_ends_after_exactly_so_many_bytes(name: str, after_bytes: int) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.engine.begin(1, CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=after_bytes))
            await s.w.send(client, b"ask")
            assert await s.w.receive(server, 3) == b"ask"
            answer = bytes(index % 251 for index in range(5000))
            await s.w.send(server, answer)
            assert await s.w.rest(client) == (answer[:after_bytes], "eof")
            assert s.touched(1)

    asyncio.run(story())


@on_each_engine
def test_a_request_ends_after_exactly_so_many_bytes(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.engine.begin(1, CutConnection(how=Cut.FIN, direction=REQUEST, after_bytes=5))
            await s.w.send(client, b"half of it")
            assert (await s.w.rest(server))[0] == b"half "
            assert await s.w.rest(client) == (b"", "eof")
            assert s.touched(1)

    asyncio.run(story())


@on_each_engine
@each_command
def test_armed_and_not_met_a_step_has_no_witness_and_healed_it_leaves_nothing(name: str, command: Command) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(1, command)
            await asyncio.sleep(0.05)
            await s.engine.heal(1)
            assert not s.touched(1)
            await s.w.exchange(*await s.w.pair())
            assert not s.touched(1)

    asyncio.run(story())


@on_each_engine
def test_a_step_begins_once_and_healing_what_never_began_is_no_error(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.heal(7)
            await s.engine.begin(1, Hang())
            with pytest.raises(Exception, match="in force already; heal it first"):
                await s.engine.begin(1, Hang())
            await s.engine.heal(1)
            await s.engine.begin(1, Hang())

    asyncio.run(story())


# The known differences: see docs/engines.md


@on_each_engine
def test_difference_open_connections_cannot_be_reset_by_toxiproxy(name: str) -> None:
    """It closes them, and since that is no reset, it is no witness."""

    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            await s.engine.begin(1, CutConnection(how=Cut.RST, direction=REQUEST))
            await s.w.send(client, b"ask")
            reset = name == "relay"
            assert await s.w.rest(client) == (b"", "reset" if reset else "eof")
            assert s.touched(1) is reset

    asyncio.run(story())


@on_each_engine
def test_difference_toxiproxy_counts_the_bytes_of_a_connection_and_the_relay_those_of_a_turn(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.engine.begin(1, CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=8))
            await s.w.exchange(client, server)
            await s.w.send(client, b"ask")
            await s.w.receive(server, 3)
            await s.w.send(server, b"answer")
            if name == "relay":
                assert await s.w.receive(client, 6) == b"answer"
            else:
                assert await s.w.rest(client) == (b"an", "eof")

    asyncio.run(story())


@on_each_engine
def test_difference_toxiproxy_passes_on_the_request_of_a_client_that_gave_up_in_a_hang(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            await s.engine.begin(1, Hang())
            await s.w.send(client, b"held")
            client.close()
            await asyncio.sleep(0.1)
            await s.engine.heal(1)
            assert (await s.w.rest(server))[0] == (b"" if name == "relay" else b"held")

    asyncio.run(story())


@on_each_engine
def test_difference_toxiproxy_connects_to_the_hmc_during_a_hang(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            await s.engine.begin(1, Hang())
            await s.w.connect()
            if name == "relay":
                await s.w.stay_silent_at_the_server()
            else:
                await s.w.accept()

    asyncio.run(story())


@on_each_engine
def test_difference_the_first_byte_of_toxiproxys_drip_does_not_wait(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            await s.engine.begin(1, Throttle(direction=RESPONSE, bytes_per_s=2, chunk_bytes=1))
            began = s.w.recorder.now()
            await s.w.send(server, b"ab")
            await s.w.receive(client, 1)
            first = s.w.recorder.now()
            await s.w.receive(client, 1)
            gap = s.w.recorder.now() - first
            assert (first - began < gap / 2) is (name != "relay")

    asyncio.run(story())

"""Faults on the wire itself: flags, directions and timing of real segments, as no client's library can hide them.

`make wire` plays these on any Python; with a Toxiproxy server they are part of `make toxiproxy-test`, too.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from harness.core.commands import (
    Blackhole,
    CloseOnAccept,
    Command,
    Cut,
    CutConnection,
    CutHandshake,
    Direction,
    Existing,
    ForgetConnections,
    RefuseConnections,
    Throttle,
)
from tests.contract.engine_world import on_each_engine, sick
from tests.contract.relay_world import World, world
from tests.contract.wire import Seen, Wire, capture, may_look

__all__ = ["may_look"]

pytestmark = [pytest.mark.contract, pytest.mark.wire]

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
ANSWER = bytes(range(200)) * 5


def payload(segments: Sequence[Seen]) -> int:
    return sum(segment.payload for segment in segments)


async def the_end(w: World, client: socket.socket, wire: Wire) -> list[Seen]:
    """Reads to the end of the connection; then everything is on the wire that will be."""
    await w.rest(client)
    await w.relay_has_read()
    return wire.by_server()


# RST and FIN


@on_each_engine
@pytest.mark.parametrize(("direction", "passes"), [(REQUEST, 0), (RESPONSE, 0)])
def test_a_reset_of_a_new_connection_is_an_rst_and_no_fin(name: str, direction: Direction, passes: int) -> None:
    async def story() -> None:
        async with sick(name) as s:
            with capture(s.w.relay.address[1]) as wire:
                await s.engine.begin(1, CutConnection(how=Cut.RST, direction=direction))
                client, server = await s.w.pair()
                await s.w.send(client, b"ask")
                if direction is RESPONSE:
                    assert await s.w.receive(server, 3) == b"ask"
                    await s.w.send(server, b"answer")
                sent = await the_end(s.w, client, wire)
                assert [segment.is_rst for segment in sent].count(True) >= 1
                assert not any(segment.is_fin for segment in sent)
                assert payload(sent) == passes
                assert payload(wire.by_client()) == 3, "it came after the request, not instead of the connection"

    asyncio.run(story())


@on_each_engine
def test_a_reset_of_an_open_connection_is_an_rst_by_the_relay_and_a_fin_by_toxiproxy(name: str) -> None:
    """The known difference, on the wire."""

    async def story() -> None:
        async with sick(name) as s:
            client, server = await s.w.pair()
            await s.w.exchange(client, server)
            with capture(s.w.relay.address[1]) as wire:
                await s.engine.begin(1, CutConnection(how=Cut.RST, direction=REQUEST))
                await s.w.send(client, b"ask")
                sent = await the_end(s.w, client, wire)
                kinds = (any(segment.is_rst for segment in sent), any(segment.is_fin for segment in sent))
                assert kinds == ((True, False) if name == "relay" else (False, True))

    asyncio.run(story())


def test_an_rst_comes_after_exactly_so_many_bytes() -> None:
    async def story() -> None:
        async with world() as w:
            with capture(w.relay.address[1]) as wire:
                await w.relay.begin(1, CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=123))
                client, server = await w.pair()
                await w.send(client, b"ask")
                await w.receive(server, 3)
                await w.send(server, ANSWER)
                sent = await the_end(w, client, wire)
                assert payload(sent) == 123
                assert sent[-1].is_rst
                assert not any(segment.is_fin for segment in sent)

    asyncio.run(story())


@on_each_engine
@pytest.mark.parametrize("after_bytes", [0, 123])
def test_a_drop_is_a_fin_after_exactly_so_many_bytes_and_no_rst(name: str, after_bytes: int) -> None:
    async def story() -> None:
        async with sick(name) as s:
            with capture(s.w.relay.address[1]) as wire:
                await s.engine.begin(1, CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=after_bytes))
                client, server = await s.w.pair()
                await s.w.send(client, b"ask")
                await s.w.receive(server, 3)
                await s.w.send(server, ANSWER)
                sent = await the_end(s.w, client, wire)
                assert payload(sent) == after_bytes
                assert any(segment.is_fin for segment in sent)
                assert not any(segment.is_rst for segment in sent)

    asyncio.run(story())


@pytest.mark.parametrize("how", Cut)
def test_accept_and_close_lets_in_and_ends_without_a_byte(how: Cut) -> None:
    async def story() -> None:
        async with world() as w:
            with capture(w.relay.address[1]) as wire:
                await w.relay.begin(1, CloseOnAccept(how=how))
                # The kernel has let it in before the relay can look, as any client's connect that blocks.
                client = socket.create_connection(w.relay.address)
                client.setblocking(False)
                w.sockets.append(client)
                sent = await the_end(w, client, wire)
                assert sent[0].is_syn_ack
                assert payload(sent) == 0
                assert any(segment.is_rst for segment in sent) is (how is Cut.RST)
                assert any(segment.is_fin for segment in sent) is (how is Cut.FIN)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("command", "is_open"),
    [
        (ForgetConnections(), True),
        (CutHandshake(how=Cut.RST, direction=REQUEST), False),
        (RefuseConnections(existing=Existing.RESET), True),
    ],
    ids=["stale", "handshake", "refusal"],
)
def test_whatever_else_says_reset_is_an_rst(command: Command, is_open: bool) -> None:
    async def story() -> None:
        async with world() as w:
            if is_open:
                client, server = await w.pair()
                await w.exchange(client, server)
            with capture(w.relay.address[1]) as wire:
                await w.relay.begin(1, command)
                if not is_open:
                    client = await w.connect()
                if not isinstance(command, RefuseConnections):
                    await w.send(client, b"\x16\x03\x01")  # as a TLS record begins
                sent = await the_end(w, client, wire)
                assert any(segment.is_rst for segment in sent)
                assert not any(segment.is_fin for segment in sent)

    asyncio.run(story())


@on_each_engine
def test_a_refused_syn_is_answered_by_an_rst_and_nobody_is_let_in(name: str) -> None:
    async def story() -> None:
        async with sick(name) as s:
            with capture(s.w.relay.address[1]) as wire:
                await s.engine.begin(1, RefuseConnections(existing=Existing.CLOSE))
                with pytest.raises(ConnectionRefusedError):
                    await s.w.connect()
                (asked,), (told,) = wire.by_client(), wire.by_server()
                assert asked.is_syn
                assert told.is_rst
                assert not told.is_syn_ack

    asyncio.run(story())


# Silence


def test_a_blackhole_never_answers_a_syn_and_its_healing_does() -> None:
    async def story() -> None:
        async with world() as w:
            with capture(w.relay.address[1]) as wire:
                await w.relay.begin(1, Blackhole())
                knocking = asyncio.create_task(w.connect())
                await w.until("the SYN came again", lambda: len(wire.by_client()) == 2)
                assert all(segment.is_syn for segment in wire.by_client())
                assert not wire.by_server(), "neither SYN-ACK nor RST"
                await w.relay.heal(1)
                await knocking
                first, second, third, *_ = [segment for segment in wire.by_client() if segment.is_syn]
                # The client's kernel waits as long again, or twice as long (before Linux 6.5): it alone sets the pace.
                assert 0.8 < (third.t - second.t) / (second.t - first.t) < 2.4
                (let_in,) = [segment for segment in wire.by_server() if segment.is_syn_ack]
                assert let_in.t >= third.t

    asyncio.run(story())


def test_an_open_connection_in_a_blackhole_gets_no_ack_fin_or_rst() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, Blackhole())
            with capture(w.relay.address[1]) as wire:
                await w.send(client, b"ask")
                await w.send(server, b"answer")
                # The client's kernel sends again what nobody acknowledges.
                await w.until("it was sent again", lambda: len(wire.by_client()) >= 3)
                assert all(segment.payload == 3 for segment in wire.by_client())
                assert not wire.by_server()

    asyncio.run(story())


# Drips


@on_each_engine
@pytest.mark.parametrize("direction", Direction)
def test_a_drip_comes_byte_by_byte_at_its_rate(name: str, direction: Direction) -> None:
    """Four times as many bytes a second take a quarter of the time. On a machine that is seen to be late both are slow.

    What is wrong with a drip is wrong at every rate; what a busy machine spoils, it does not spoil at a slow one.
    """

    async def story() -> None:
        for rate in SLOWER_AND_SLOWER:
            slow, fast = await dripped(name, direction, rate), await dripped(name, direction, rate * 4)
            if slow.is_regular and fast.is_regular:
                assert 2.0 < slow.took_s / fast.took_s < 5.0, (slow, fast)
                return
        raise AssertionError(f"too busy a machine even for {rate:g} and {rate * 4:g} bytes a second: {slow}, {fast}")

    asyncio.run(story())


BYTES = 20
SLOWER_AND_SLOWER = (40.0, 10.0, 2.5)
TICK_S = 0.001


@dataclass(frozen=True, slots=True)
class Dripped:
    """What was on the wire."""

    rate: float
    alone: int
    """So many bytes came in segments of their own."""
    took_s: float
    """From the first segment to the last."""

    @property
    def is_regular(self) -> bool:
        """Who looks late finds several due: then, and only then, a segment carries more than one."""
        return self.alone > BYTES * 0.7 and (BYTES - 1) / self.took_s > self.rate * 0.5


async def dripped(name: str, direction: Direction, rate: float) -> Dripped:
    """Drip so many bytes. An irregular drip is a failure unless this loop, the relay's too, was seen to be late."""
    async with sick(name) as s:
        client, server = await s.w.pair()
        await s.w.exchange(client, server)
        sender, receiver = (client, server) if direction is REQUEST else (server, client)
        port = s.w.relay.address[1] if direction is RESPONSE else s.w.upstream.getsockname()[1]
        await s.engine.begin(1, Throttle(direction=direction, bytes_per_s=rate, chunk_bytes=1))
        with capture(port) as wire:
            late: list[float] = [0.0]
            watching = asyncio.create_task(watch_the_loop(late))
            began = time.time()  # the kernel's stamps are of the same clock
            await s.w.send(sender, bytes(BYTES))
            await s.w.receive(receiver, BYTES)
            watching.cancel()
            # The receiving end listens where requests go, and is the client where answers go.
            sent = wire.by_server() if direction is RESPONSE else wire.by_client()
            drops = [segment for segment in sent if segment.payload]
    assert payload(drops) == BYTES
    for drop in drops:
        so_far = payload([other for other in drops if other.t <= drop.t])
        assert so_far - 1 <= (drop.t - began) * rate, "never ahead of its rate; Toxiproxy's first byte does not wait"
    found = Dripped(rate, [drop.payload for drop in drops].count(1), drops[-1].t - drops[0].t)
    assert found.is_regular or max(late) > 0.5 / rate, (found, max(late))
    return found


async def watch_the_loop(late: list[float]) -> None:
    """By how much it is late, tick by tick."""
    while True:
        due = time.monotonic() + TICK_S
        await asyncio.sleep(TICK_S)
        late.append(time.monotonic() - due)

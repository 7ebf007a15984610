"""Contract of a fault that is aimed at one connection: that one meets it, and every other is as if there were none."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from harness.core.commands import (
    Channel,
    Command,
    Cut,
    CutConnection,
    CutHandshake,
    Delay,
    DelayFirstByte,
    Direction,
    ForgetConnections,
    Hang,
    Stall,
    StallHandshake,
    StreamCommand,
    Throttle,
)
from harness.core.events import StepBegan, StepHealed, TimelineBegan, WatchEnded
from harness.core.history import History
from harness.core.verdict import Outcome, judge
from harness.engines.relay import Channels, Relay
from tests.contract.relay_world import DEADLINE_S, World, world

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
MUCH = bytes(index % 251 for index in range(1 << 20))
FAR_TOO_LATE_S = 3 * DEADLINE_S
"""Who meets this comes after every deadline of these tests."""
RECORD = b"\x16\x03\x01\x00\x03ask"
"""Bytes that are a TLS handshake to faults that look for one, and bytes like any other to the rest."""
EXAMPLES: list[StreamCommand] = [
    Hang(),
    Stall(direction=RESPONSE, after_bytes=2),
    StallHandshake(direction=REQUEST),
    Delay(direction=RESPONSE, delay_s=FAR_TOO_LATE_S),
    DelayFirstByte(direction=RESPONSE, delay_s=FAR_TOO_LATE_S),
    Throttle(direction=RESPONSE, bytes_per_s=20, chunk_bytes=1),
    CutConnection(how=Cut.RST, direction=REQUEST),
    CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=2),
    CutHandshake(how=Cut.RST, direction=REQUEST),
    ForgetConnections(),
]
Pair = tuple[socket.socket, socket.socket]

each_command = pytest.mark.parametrize("command", EXAMPLES, ids=lambda command: type(command).__name__)


def test_there_is_an_example_of_each_command_that_can_be_aimed() -> None:
    assert {type(command) for command in EXAMPLES} == {
        kind for kind in Relay.CARRIES if issubclass(kind, StreamCommand)
    }


async def at_full_speed(w: World, pair: Pair) -> None:
    """An exchange on this connection, and then far more than anything that is slowed down would let through."""
    client, server = pair
    await w.send(client, RECORD)
    assert await w.receive(server, len(RECORD)) == RECORD
    sending = asyncio.create_task(w.send(server, MUCH))
    assert await w.receive(client, len(MUCH)) == MUCH
    await sending


async def provoke(w: World, pair: Pair, command: StreamCommand) -> None:
    """What the fault waits for, on this connection; nobody asks what becomes of it."""
    client, server = pair
    await w.send(server if getattr(command, "direction", REQUEST) is RESPONSE else client, RECORD)


def met_by(w: World, step: int = 1) -> set[str]:
    """The connections that a step says it has touched."""
    return {touch.what.rsplit(" ", 1)[-1] for touch in w.recorder.touches(step)}


def outcome(w: World, command: Command) -> Outcome:
    """The verdict on a trial in which this was all that happened."""
    began = StepBegan(step=1, what=type(command).__name__, engine="relay", fault=True, due=0.0)
    seen = [event for _, event in w.recorder.events]
    story = [TimelineBegan(), began, *seen, StepHealed(step=1, due=0.0), WatchEnded(reason="over")]
    return judge((), History.of(story), needs_witness=[1]).outcome


@each_command
@pytest.mark.parametrize("which", [1, 2])
def test_of_two_that_are_open_it_bites_the_one_and_leaves_the_other_at_full_speed(
    command: StreamCommand, which: int
) -> None:
    async def story() -> None:
        async with world() as w:
            pairs = [await w.pair(), await w.pair()]
            await w.relay.begin(1, replace(command, connection=which))
            sick, well = pairs[which - 1], pairs[2 - which]
            await at_full_speed(w, well)
            assert not w.recorder.touches(1)
            await provoke(w, sick, command)
            await w.until("it has bitten", lambda: w.recorder.touches(1))
            await at_full_speed(w, well)
            await at_full_speed(w, await w.pair())
            await w.relay.heal(1)
            assert met_by(w) == {f"c{which}"}

    asyncio.run(story())


@each_command
def test_where_that_connection_never_comes_nothing_is_proved(command: StreamCommand) -> None:
    async def story() -> None:
        async with world() as w:
            pairs = [await w.pair()]
            await w.relay.begin(1, replace(command, connection=3))
            pairs.append(await w.pair())
            for pair in pairs:
                await at_full_speed(w, pair)
            await w.relay.heal(1)
            assert not w.recorder.touches(1)
            assert outcome(w, command) is Outcome.UNKNOWN

    asyncio.run(story())


def test_where_that_connection_says_nothing_nothing_is_proved() -> None:
    async def story() -> None:
        async with world() as w:
            silent, well = await w.pair(), await w.pair()
            await w.relay.begin(1, Hang(connection=1))
            await at_full_speed(w, well)
            await w.stay_silent(*silent)
            await w.relay.heal(1)
            assert outcome(w, Hang()) is Outcome.UNKNOWN
            await w.exchange(*silent)

    asyncio.run(story())


def test_what_is_open_counts_from_the_oldest_and_what_is_gone_does_not() -> None:
    async def story() -> None:
        async with world() as w:
            gone, sick, well = await w.pair(), await w.pair(), await w.pair()
            gone[0].close()
            assert await w.rest(gone[1]) == (b"", "eof")
            await w.relay.begin(1, CutConnection(how=Cut.RST, direction=REQUEST, connection=1))
            await at_full_speed(w, well)
            await w.send(sick[0], b"ask")
            assert await w.rest(sick[0]) == (b"", "reset")
            assert met_by(w) == {"c2"}

    asyncio.run(story())


def test_behind_those_that_are_open_the_new_ones_count_as_they_come() -> None:
    async def story() -> None:
        async with world() as w:
            pairs = [await w.pair()]
            await w.relay.begin(1, CutConnection(how=Cut.RST, direction=REQUEST, connection=3))
            pairs += [await w.pair(), await w.pair(), await w.pair()]
            sick = pairs.pop(2)
            await w.send(sick[0], b"ask")
            assert await w.rest(sick[0]) == (b"", "reset")
            for pair in pairs:
                await at_full_speed(w, pair)
            assert met_by(w) == {"c3"}

    asyncio.run(story())


def test_the_next_one_is_the_first_where_none_is_open() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, Hang(connection=1))
            sick = await w.connect()
            await w.send(sick, b"ask")
            await w.until("it is held", lambda: w.recorder.touches(1))
            await w.stay_silent_at_the_server()
            well = await w.pair()
            await at_full_speed(w, well)
            await w.relay.heal(1)
            assert await w.receive(await w.accept(), 3) == b"ask"

    asyncio.run(story())


def test_who_gives_it_up_and_comes_again_finds_all_well_while_the_fault_is_in_force() -> None:
    async def story() -> None:
        async with world() as w:
            client, _ = await w.pair()
            await w.relay.begin(1, Hang(connection=1))
            await w.send(client, b"ask")
            await w.until("it is held", lambda: w.recorder.touches(1))
            client.close()
            await w.until("the end is recorded", w.recorder.ends)
            await at_full_speed(w, await w.pair())
            assert met_by(w) == {"c1"}

    asyncio.run(story())


def test_overlap_a_fault_of_all_and_one_of_one_each_touch_their_own() -> None:
    async def story() -> None:
        async with world() as w:
            sick, other = await w.pair(), await w.pair()
            await w.relay.begin(1, Stall(direction=RESPONSE, connection=1))
            await w.relay.begin(2, Delay(direction=RESPONSE, delay_s=0.02))
            for pair in (sick, other):
                await w.send(pair[1], b"answer")
            assert await w.receive(other[0], 6) == b"answer"
            await w.until("it is stalled", lambda: w.recorder.touches(1))
            await w.stay_silent(sick[0])
            await w.relay.heal(1)
            assert await w.receive(sick[0], 6) == b"answer"
            await w.relay.heal(2)
            assert (met_by(w, 1), met_by(w, 2)) == ({"c1"}, {"c1", "c2"})

    asyncio.run(story())


def test_each_port_counts_its_own_connections() -> None:
    async def story() -> None:
        async with world() as w:
            notifications = Relay(w.recorder, w.relay._site.clock, seed=0, channel=Channel.NOTIFICATIONS)
            await notifications.listen("127.0.0.1", 0)
            notifications.connect_to(*w.upstream.getsockname())
            try:
                engine = Channels(w.relay, notifications)
                api = await w.pair()
                await engine.begin(1, Hang(channel=Channel.NOTIFICATIONS, connection=1))
                await at_full_speed(w, api)
                listener = await w.connect(notifications)
                await w.send(listener, b"ask")
                await w.until("it is held", lambda: w.recorder.touches(1))
                second = await w.connect(notifications)
                await at_full_speed(w, (second, await w.accept()))
                assert met_by(w) == {"n1"}
            finally:
                await notifications.close()

    asyncio.run(story())

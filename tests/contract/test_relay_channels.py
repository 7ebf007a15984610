"""Two relays as one engine: a step reaches the port that it names, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from harness.core.commands import Address, Channel, Command, Existing, Hang, RefuseConnections
from harness.core.events import ConnectionAttempt, Touched
from harness.engines.relay import Channels, Relay
from harness.errors import EngineFailed
from tests.contract.relay_world import ListRecorder, WallClock

pytestmark = pytest.mark.contract

API, NOTIFICATIONS, BOTH, BUS = Channel
STEP = 1


async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello")
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def relays(recorder: ListRecorder) -> AsyncIterator[tuple[Relay, Relay, Relay, Relay]]:
    """The bus, both ports of an HMC and an alternate one's, and behind them somebody who greets and goes."""
    upstream = await asyncio.start_server(greet, "127.0.0.1", 0)
    made = [Relay(recorder, WallClock(), seed=0, channel=channel) for channel in (API, NOTIFICATIONS, BUS)]
    made += [Relay(recorder, WallClock(), seed=0, address=Address.ALTERNATE)]
    try:
        for relay in made:
            await relay.listen("127.0.0.1", 0)
            relay.connect_to(*upstream.sockets[0].getsockname())
        yield made[0], made[1], made[2], made[3]
    finally:
        for relay in made:
            await relay.close()
        upstream.close()


async def refused(relay: Relay) -> bool:
    try:
        reader, writer = await asyncio.open_connection(*relay.address)
    except ConnectionRefusedError:
        return True
    assert await asyncio.wait_for(reader.readexactly(5), 10) == b"hello"
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    return False


@pytest.mark.parametrize(
    ("channel", "shut"),
    [
        (API, (True, False, False, False)),
        (NOTIFICATIONS, (False, True, False, False)),
        (BOTH, (True, True, False, False)),
        (BUS, (False, False, True, False)),
    ],
)
def test_a_step_reaches_the_ports_of_its_channel_alone(channel: Channel, shut: tuple[bool, ...]) -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with relays(recorder) as four:
            engine = Channels(*four)
            await engine.begin(STEP, RefuseConnections(existing=Existing.KEEP, channel=channel))
            assert tuple([await refused(relay) for relay in four]) == shut
            await engine.heal(STEP)
            assert not any([await refused(relay) for relay in four])
        assert recorder.touches(STEP)
        accepted = [e for e in recorder.all(ConnectionAttempt) if e.outcome == "accepted"]
        assert {(e.channel, e.connection[0], e.address) for e in accepted} == {
            *(("api", "c", "first"), ("notifications", "n", "first"), ("bus", "b", "first")),
            ("api", "a", "alternate"),
        }

    asyncio.run(story())


@pytest.mark.parametrize(
    ("address", "shut"),
    [(Address.FIRST, (True, False)), (Address.ALTERNATE, (False, True)), (Address.BOTH, (True, True))],
)
def test_a_step_reaches_the_hmc_of_its_address_alone(address: Address, shut: tuple[bool, bool]) -> None:
    """And says which one it has met: each of two HMCs has its own attempts and its own witness."""

    async def story() -> None:
        recorder = ListRecorder()
        async with relays(recorder) as (api, _, _, alternate):
            engine = Channels(api, None, alternate=alternate)
            await engine.begin(STEP, RefuseConnections(existing=Existing.KEEP, address=address))
            assert (await refused(api), await refused(alternate)) == shut
            await engine.heal(STEP)
            assert not await refused(api)
            assert not await refused(alternate)
        met = {e.what.endswith(" at the alternate address") for e in recorder.all(Touched)}
        assert met == {which for which, was_shut in zip((False, True), shut, strict=True) if was_shut}

    asyncio.run(story())


def test_without_an_alternate_hmc_only_the_first_can_be_reached() -> None:
    async def story() -> None:
        async with relays(ListRecorder()) as (api, _, _, _):
            engine = Channels(api, None)
            for address in (Address.ALTERNATE, Address.BOTH):
                with pytest.raises(EngineFailed, match="there is no alternate HMC"):
                    await engine.begin(STEP, Hang(address=address))
            await engine.begin(STEP, Hang())
            await engine.heal(STEP)

    asyncio.run(story())


def test_without_notifications_only_the_api_can_be_reached() -> None:
    async def story() -> None:
        async with relays(ListRecorder()) as (api, _, _, _):
            engine = Channels(api, None)
            for channel in (NOTIFICATIONS, BOTH):
                with pytest.raises(EngineFailed, match="the HMC sends no notifications"):
                    await engine.begin(STEP, Hang(channel=channel))
            with pytest.raises(EngineFailed, match="there is no message bus"):
                await engine.begin(STEP, Hang(channel=BUS))
            await engine.begin(STEP, Hang())
            await engine.heal(STEP)
            await engine.heal(STEP)

    asyncio.run(story())


def test_where_one_of_two_cannot_nothing_is_left_behind() -> None:
    async def story() -> None:
        async with relays(ListRecorder()) as (api, notifications, _, _):
            await notifications.close()
            engine = Channels(api, notifications)
            with pytest.raises(EngineFailed, match="it does not listen"):
                await engine.begin(STEP, RefuseConnections(channel=BOTH))
            assert not await refused(api)

    asyncio.run(story())


def test_it_carries_what_a_relay_carries_and_each_command_has_a_channel() -> None:
    carried: frozenset[type[Command]] = Channels.CARRIES
    assert carried == Relay.CARRIES
    assert all(kind.__dataclass_fields__["channel"].default is API for kind in carried)
    assert all(kind.__dataclass_fields__["address"].default is Address.FIRST for kind in carried)

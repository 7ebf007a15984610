"""Contract of the faults whose door shuts by itself, or opens only to send clients away."""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.core.commands import CloseOnAccept, Cut, Existing, Flap, RefuseAfter
from tests.contract.relay_world import World, world

pytestmark = pytest.mark.contract


async def refused(w: World) -> None:
    with pytest.raises(ConnectionRefusedError):
        await w.connect()


def connected_at_once(w: World) -> socket.socket:
    """A client that the kernel has let in before the relay can look."""
    client = socket.create_connection(w.relay.address)
    client.setblocking(False)
    w.sockets.append(client)
    return client


async def let_in(w: World) -> bool:
    """Whether a client gets in now."""
    try:
        await w.connect()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: let in by the kernel just before the port went down
        return False
    return True


@pytest.mark.parametrize(("how", "end", "word"), [(Cut.FIN, "eof", "closed"), (Cut.RST, "reset", "reset")])
def test_a_client_is_accepted_and_sent_away_and_an_open_connection_stays(how: Cut, end: str, word: str) -> None:
    async def story() -> None:
        async with world() as w:
            before = await w.pair()
            await w.relay.begin(1, CloseOnAccept(how=how))
            client = connected_at_once(w)
            assert await w.rest(client) == (b"", end)
            assert [touch.what for touch in w.recorder.touches(1)] == [f"{word} c2"]
            assert w.recorder.outcomes() == ["accepted", "accepted"]
            assert w.recorder.ends() == [("fault", 0, 0)]
            await w.exchange(*before)
            await w.relay.heal(1)
            await w.exchange(*await w.pair())

    asyncio.run(story())


def test_a_client_that_is_sent_away_with_fin_may_still_speak_and_is_not_reset() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, CloseOnAccept())
            client = await w.connect()
            await w.send(client, bytes(100_000))
            assert await w.rest(client) == (b"", "eof")

    asyncio.run(story())


def test_so_many_clients_are_accepted_and_all_that_follow_refused_until_it_heals() -> None:
    async def story() -> None:
        async with world() as w:
            before = await w.pair()
            await w.relay.begin(1, RefuseAfter(connections=2))
            accepted = [await w.pair(), await w.pair()]
            await refused(w)
            await refused(w)
            for pair in (before, *accepted):
                await w.exchange(*pair)
            await w.relay.heal(1)
            await w.exchange(*await w.pair())
            if w.relay.sees_attempts:
                assert w.recorder.touched(1) == 2
                assert w.recorder.outcomes() == [*["accepted"] * 3, *["refused"] * 2, "accepted"]
            else:
                assert w.recorder.unseen() == [1]

    asyncio.run(story())


def test_who_waits_behind_the_last_that_may_come_in_is_reset_and_a_witness() -> None:
    """Both are in the kernel's queue before the relay looks."""

    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, RefuseAfter(connections=1))
            early, late = connected_at_once(w), connected_at_once(w)
            assert await w.rest(late) == (b"", "reset")
            await w.exchange(early, await w.accept())
            assert [touch.what for touch in w.recorder.touches(1)] == ["reset c2"]

    asyncio.run(story())


@pytest.mark.parametrize(("existing", "end"), [(Existing.RESET, "reset"), (Existing.CLOSE, "eof")])
def test_a_flapping_port_is_down_first_and_comes_and_goes(existing: Existing, end: str) -> None:
    async def story() -> None:
        async with world() as w:
            client, _ = await w.pair()
            await w.relay.begin(1, Flap(down_s=0.1, up_s=0.1, existing=existing))
            assert await w.rest(client) == (b"", end)
            seen = [await let_in(w)]
            async with asyncio.timeout(10):
                while len(seen) < 5:
                    if (now := await let_in(w)) is not seen[-1]:
                        seen.append(now)
                    await asyncio.sleep(0.01)
            assert seen == [False, True, False, True, False]
            await w.relay.heal(1)
            assert await let_in(w)
            assert w.recorder.touched(1) >= 2

    asyncio.run(story())


def test_a_flapping_port_ends_at_each_turn_what_was_opened_in_between() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, Flap(down_s=0.02, up_s=0.3))
            async with asyncio.timeout(10):
                while not await let_in(w):  # noqa: ASYNC110 - nobody tells a client that a port is open
                    await asyncio.sleep(0.002)
            assert await w.rest(w.sockets[-1]) == (b"", "reset")
            assert "reset c" in w.recorder.touches(1)[-1].what

    asyncio.run(story())


def test_healed_while_down_or_up_a_flapping_port_stays_open_and_turns_no_more() -> None:
    async def story() -> None:
        async with world() as w:
            for down_s in (60.0, 0.01):
                await w.relay.begin(1, Flap(down_s=down_s, up_s=60.0, existing=Existing.KEEP))
                await asyncio.sleep(0.05)
                await w.relay.heal(1)
                await w.exchange(*await w.pair())
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(story())


def test_overlap_a_flapping_port_stays_shut_while_another_step_refuses() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, Flap(down_s=0.01, up_s=60.0, existing=Existing.KEEP))
            await w.relay.begin(2, RefuseAfter(connections=1))
            await asyncio.sleep(0.05)
            assert await let_in(w)
            await w.until("it is shut", lambda: 2 in w.relay._in_force.refusing)
            assert not await let_in(w)
            await w.relay.heal(2)
            assert await let_in(w)

    asyncio.run(story())

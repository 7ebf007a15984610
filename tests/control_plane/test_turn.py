"""Who uses a run's one Neutron: side by side with the same wishes, by turns with others, and alone to do it harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.control_plane.neutron import Addresses, Turn, Wishes, is_kept
from harness.control_plane.neutron.orders import taken
from harness.errors import EngineFailed

USUAL, OTHER = Wishes(), Wishes(agent_down_time_s=75, speed=10.0, environment={"A": "b"})


@dataclass
class FakeKeeper:
    """Obeys over a real socket."""

    addresses: Addresses
    is_now: Wishes | None = USUAL
    became: list[Wishes] = field(default_factory=list)
    fails: bool = False
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    """Not set while it is at work."""

    async def carry_out(self, order: str, body: Any) -> Any:
        if order == "which":
            return self.is_now.to_json() if self.is_now else None
        if self.fails:
            raise EngineFailed("RabbitMQ does not start")
        assert order == "become"
        await self.busy.wait()
        self.is_now = Wishes.from_json(body)
        self.became.append(self.is_now)
        return None

    async def turn(self, wishes: Wishes = USUAL, *, alone: bool = False) -> Turn:
        async with asyncio.timeout(10):
            return await Turn.take(self.addresses, wishes, alone=alone)


@asynccontextmanager
async def keeper(folder: Path) -> AsyncIterator[FakeKeeper]:
    made = FakeKeeper(
        Addresses(
            api_url="http://127.0.0.2:9696",
            bus_host="127.0.0.2",
            bus_port=5672,
            bus_user="u",
            bus_password="p",
            agent_down_time_s=5,
            folder=str(folder),
        )
    )
    made.busy.set()
    async with taken(folder, made.carry_out):
        yield made


async def settled() -> None:
    """Whoever can get on has done so: a try is made each 20 ms, and this is a dozen."""
    await asyncio.sleep(0.25)


def test_trials_with_the_same_wishes_use_it_at_the_same_time(tmp_path: Path) -> None:
    async def story() -> None:
        async with keeper(tmp_path) as it:
            first, second = await it.turn(), await it.turn()
            assert it.became == []
            assert first.addresses == second.addresses == it.addresses
            await first.release()
            await second.release()

    asyncio.run(story())


@pytest.mark.parametrize(("wishes", "alone"), [(OTHER, False), (USUAL, True), (OTHER, True)])
def test_who_wants_it_otherwise_or_alone_waits_and_nobody_overtakes(
    tmp_path: Path, wishes: Wishes, alone: bool
) -> None:
    async def story() -> None:
        async with keeper(tmp_path) as it:
            playing = await it.turn()
            waiting = asyncio.create_task(it.turn(wishes, alone=alone))
            await settled()
            late = asyncio.create_task(it.turn())
            await settled()
            assert not waiting.done()
            assert not late.done()
            assert it.became == []
            await playing.release()
            turn = await waiting
            assert (turn.addresses.agent_down_time_s, turn.addresses.speed) == (wishes.agent_down_time_s, wishes.speed)
            assert it.is_now == wishes
            await settled()
            assert not late.done()
            await turn.release()
            await (await late).release()
            assert it.is_now == USUAL

    asyncio.run(story())


def test_one_that_was_made_as_wished_is_shared(tmp_path: Path) -> None:
    async def story() -> None:
        async with keeper(tmp_path) as it:
            first, second = await it.turn(OTHER), await it.turn(OTHER)
            assert it.became == [OTHER]
            await first.release()
            await second.release()

    asyncio.run(story())


def test_one_that_was_harmed_is_made_whole_first(tmp_path: Path) -> None:
    async def story() -> None:
        async with keeper(tmp_path) as it:
            it.is_now = None
            await (await it.turn()).release()
            assert it.became == [USUAL]

    asyncio.run(story())


def test_one_that_cannot_be_had_says_why_and_is_not_held(tmp_path: Path) -> None:
    async def story() -> None:
        async with keeper(tmp_path) as it:
            it.fails = True
            with pytest.raises(EngineFailed, match="could not carry out 'become': RabbitMQ does not start"):
                await it.turn(OTHER)
            it.fails = False
            await (await it.turn(alone=True)).release()
            assert await is_kept(str(tmp_path))
        assert not await is_kept(str(tmp_path))
        with pytest.raises(EngineFailed, match="the keeper of Neutron did not carry out 'which'"):
            await it.turn()

    asyncio.run(story())


def test_who_asks_what_it_is_like_does_not_wait_for_who_changes_it(tmp_path: Path) -> None:
    """So nobody takes a keeper that is busy for one that is gone."""

    async def story() -> None:
        async with keeper(tmp_path) as it:
            it.busy.clear()
            becoming = asyncio.create_task(it.turn(OTHER))
            await settled()
            assert not becoming.done()
            async with asyncio.timeout(5):
                assert await is_kept(str(tmp_path))
            it.busy.set()
            await (await becoming).release()

    asyncio.run(story())


def test_a_wait_that_is_called_off_lets_others_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with keeper(tmp_path) as it:
            playing = await it.turn()
            waiting = asyncio.create_task(it.turn(alone=True))
            await settled()
            waiting.cancel()
            await asyncio.wait([waiting])
            await (await it.turn()).release()
            await playing.release()

    asyncio.run(story())

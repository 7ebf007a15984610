"""RabbitMQ stopped: who had a connection is the witness, and what cannot be done is said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from harness.assembly.bus_side import BusEngine
from harness.control_plane.neutron import Turn
from harness.core.commands import Command, Hang, StopBus, StopServer
from harness.core.events import Touched
from harness.engines.relay import Relay
from harness.errors import EngineFailed
from tests.engines.recorders import ListRecorder


@dataclass
class FakeTurn:
    """Obeys, or not."""

    fails: str = ""
    orders: list[str] = field(default_factory=list)

    async def order(self, order: str) -> None:
        self.orders.append(order)
        if order == self.fails:
            raise EngineFailed("no")


@dataclass
class FakeRelay:
    """Has connections."""

    open_connections: int
    observed: list[int] = field(default_factory=list)

    def observe(self, step: int, command: Command) -> None:
        assert isinstance(command, StopServer)
        self.observed.append(step)

    def stop_observing(self, step: int) -> None:
        if step in self.observed:
            self.observed.remove(step)


def engine(connections: int, fails: str = "") -> tuple[BusEngine, FakeTurn, ListRecorder]:
    turn, recorder = FakeTurn(fails), ListRecorder()
    made = BusEngine(cast(Turn, turn), cast(Relay, FakeRelay(connections)), recorder)
    return made, turn, recorder


@pytest.mark.parametrize(("connections", "touched"), [(0, 0), (1, 1), (4, 1)])
def test_only_connections_of_the_agent_prove_that_it_lost_the_bus(connections: int, touched: int) -> None:
    it, turn, recorder = engine(connections)
    asyncio.run(it.begin(3, StopBus()))
    assert turn.orders == ["stop broker"]
    assert len([e for e in recorder.events if isinstance(e, Touched) and e.step == 3]) == touched
    asyncio.run(it.heal(3))
    assert turn.orders == ["stop broker", "start broker"]


def test_bytes_that_nobody_hears_are_the_relays_to_witness_while_the_server_is_away() -> None:
    it, turn, recorder = engine(2)
    asyncio.run(it.begin(3, StopServer()))
    assert cast(FakeRelay, it.relay).observed == [3]
    assert recorder.events == []
    asyncio.run(it.heal(3))
    assert cast(FakeRelay, it.relay).observed == []
    assert turn.orders == ["stop server", "start server"]


@pytest.mark.parametrize(
    ("first", "second", "orders"),
    [
        (StopServer(), StopServer(), ["stop server", "stop server", "start server"]),
        (StopServer(), StopBus(), ["stop server", "stop broker", "start broker", "start server"]),
        (StopBus(), StopServer(), ["stop broker", "stop server", "start broker", "start server"]),
    ],
)
def test_steps_may_overlap(first: Command, second: Command, orders: list[str]) -> None:
    """The first one heals while the second is in force: what needs what the second has stopped waits for it."""

    async def story() -> None:
        it, turn, _ = engine(1)
        await it.begin(1, first)
        await it.begin(2, second)
        await it.heal(1)
        kept_away = orders[2:] if not isinstance(first, StopBus) else orders[3:]
        assert not set(kept_away) & set(turn.orders)
        await it.heal(2)
        assert turn.orders == orders

    asyncio.run(story())


def test_a_bus_that_does_not_stop_or_start_is_told() -> None:
    it, _, recorder = engine(1, fails="stop broker")
    with pytest.raises(EngineFailed):
        asyncio.run(it.begin(3, StopBus()))
    assert recorder.events == []
    it, _, _ = engine(1, fails="start broker")
    asyncio.run(it.begin(3, StopBus()))
    with pytest.raises(EngineFailed):
        asyncio.run(it.heal(3))


def test_it_does_nothing_else() -> None:
    with pytest.raises(EngineFailed, match="cannot carry out Hang"):
        asyncio.run(engine(1)[0].begin(3, Hang()))

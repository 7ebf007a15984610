"""RabbitMQ stopped: who had a connection is the witness, and what cannot be done is said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from harness.assembly.bus_side import BusEngine
from harness.control_plane.neutron import Kept
from harness.core.commands import Hang, StopBus
from harness.core.events import Touched
from harness.engines.relay import Relay
from harness.errors import EngineFailed
from tests.engines.recorders import ListRecorder


@dataclass
class FakeKept:
    """Obeys, or not."""

    fails: str = ""
    orders: list[str] = field(default_factory=list)

    async def order(self, line: str) -> None:
        self.orders.append(line)
        if line == self.fails:
            raise EngineFailed("no")


@dataclass
class FakeRelay:
    """Has connections."""

    open_connections: int


def engine(connections: int, fails: str = "") -> tuple[BusEngine, FakeKept, ListRecorder]:
    kept, recorder = FakeKept(fails), ListRecorder()
    made = BusEngine(cast(Kept, kept), cast(Relay, FakeRelay(connections)), recorder)
    return made, kept, recorder


@pytest.mark.parametrize(("connections", "touched"), [(0, 0), (1, 1), (4, 1)])
def test_only_connections_of_the_agent_prove_that_it_lost_the_bus(connections: int, touched: int) -> None:
    it, kept, recorder = engine(connections)
    asyncio.run(it.begin(3, StopBus()))
    assert kept.orders == ["stop broker"]
    assert len([e for e in recorder.events if isinstance(e, Touched) and e.step == 3]) == touched
    asyncio.run(it.heal(3))
    assert kept.orders == ["stop broker", "start broker"]


def test_a_bus_that_does_not_stop_or_start_is_told() -> None:
    it, _, recorder = engine(1, fails="stop broker")
    with pytest.raises(EngineFailed):
        asyncio.run(it.begin(3, StopBus()))
    assert recorder.events == []
    it, _, _ = engine(1, fails="start broker")
    with pytest.raises(EngineFailed):
        asyncio.run(it.heal(3))


def test_it_does_nothing_else() -> None:
    with pytest.raises(EngineFailed, match="cannot carry out Hang"):
        asyncio.run(engine(1)[0].begin(3, Hang()))

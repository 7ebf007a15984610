"""Every fault of the relay, armed but not met: no witness, so the verdict is UNKNOWN and never PASS."""

from __future__ import annotations

import asyncio

import pytest

from harness.core.commands import (
    Blackhole,
    CloseOnAccept,
    Command,
    Cut,
    CutConnection,
    CutHandshake,
    Delay,
    DelayFirstByte,
    Direction,
    Existing,
    Flap,
    ForgetConnections,
    Hang,
    RefuseAfter,
    RefuseConnections,
    Stall,
    StallHandshake,
    Throttle,
)
from harness.core.events import StepBegan, StepHealed, TimelineBegan, WatchEnded
from harness.core.history import History
from harness.core.verdict import Outcome, judge
from harness.engines.relay import Relay
from tests.contract.relay_world import World, world

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
EXAMPLES: list[Command] = [
    RefuseConnections(existing=Existing.KEEP),
    RefuseAfter(connections=1),
    Flap(down_s=1.0, up_s=1.0, existing=Existing.KEEP),
    Blackhole(),
    CloseOnAccept(),
    Hang(),
    Stall(direction=RESPONSE),
    StallHandshake(direction=RESPONSE),
    Delay(direction=RESPONSE, delay_s=1.0),
    DelayFirstByte(direction=RESPONSE, delay_s=1.0),
    Throttle(direction=RESPONSE, bytes_per_s=10, chunk_bytes=1),
    CutConnection(how=Cut.RST, direction=REQUEST),
    CutHandshake(how=Cut.RST, direction=REQUEST),
    ForgetConnections(),
]
PASSED_BY: list[Command] = [
    RefuseAfter(connections=1),
    CloseOnAccept(),
    Stall(direction=RESPONSE, after_bytes=7),
    CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=7),
    StallHandshake(direction=RESPONSE),
    CutHandshake(how=Cut.FIN, direction=REQUEST),
    RefuseConnections(existing=Existing.KEEP),
]
"""What an exchange of three bytes there and six back on an open connection does not meet."""


def test_there_is_an_example_of_each_command_that_the_relay_carries() -> None:
    assert {type(command) for command in EXAMPLES} == Relay.CARRIES


def outcome(w: World, command: Command) -> Outcome:
    """The verdict on a trial in which this was all that happened."""
    what = type(command).__name__
    began = StepBegan(step=1, what=what, engine="relay", fault=True, due=0.0)
    seen = [event for _, event in w.recorder.events]
    story = [TimelineBegan(), began, *seen, StepHealed(step=1, due=0.0), WatchEnded(reason="over")]
    return judge((), History.of(story), needs_witness=[1]).outcome


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda command: type(command).__name__)
def test_where_nothing_happens_nothing_is_proved(command: Command) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, command)
            await w.stay_silent(client, server)
            await w.relay.heal(1)
            assert not w.recorder.touches(1)
            assert outcome(w, command) is Outcome.UNKNOWN
            await w.exchange(client, server)

    asyncio.run(story())


@pytest.mark.parametrize("command", PASSED_BY, ids=lambda command: type(command).__name__)
def test_what_traffic_passes_by_proves_nothing(command: Command) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, command)
            await w.exchange(client, server)
            await w.relay.heal(1)
            assert not w.recorder.touches(1)
            assert outcome(w, command) is Outcome.UNKNOWN

    asyncio.run(story())

"""What a relay that only looks on may say of a step that another engine carries out. It never says too much."""

from __future__ import annotations

import pytest

from harness.core.commands import (
    Command,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Hang,
    RefuseConnections,
    Throttle,
)
from harness.engines.relay.elsewhere import CAME_OUT, GOES_IN, Observed, Sight, ends_with
from harness.engines.relay.orders import Door, InForce, Orders

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
IN, ABOUT_TO, OUT = Sight(GOES_IN, True, 5.0), Sight(GOES_IN, False, 5.0), Sight(CAME_OUT, True, 5.0)


def late(direction: Direction) -> Delay:
    return Delay(direction=direction, delay_s=2.0, jitter_s=0.5)


def slow(direction: Direction) -> Throttle:
    return Throttle(direction=direction, bytes_per_s=1, chunk_bytes=1)


@pytest.mark.parametrize(
    ("command", "before_request", "before_response", "behind_request", "behind_response"),
    [
        (Hang(), IN, None, None, IN),
        (slow(REQUEST), ABOUT_TO, None, OUT, None),
        (slow(RESPONSE), None, OUT, None, ABOUT_TO),
        (late(REQUEST), ABOUT_TO, None, Sight(CAME_OUT, True, 6.5), None),
        (late(RESPONSE), None, Sight(CAME_OUT, True, 6.5), None, ABOUT_TO),
        (CutConnection(how=Cut.RST, direction=REQUEST), None, None, None, None),
        (RefuseConnections(existing=Existing.CLOSE), None, None, None, None),
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_goes_in_meets_the_fault_and_what_came_out_has_met_it(
    command: Command,
    before_request: Sight | None,
    before_response: Sight | None,
    behind_request: Sight | None,
    behind_response: Sight | None,
) -> None:
    before, behind = Observed(command, 5.0, behind=False), Observed(command, 5.0, behind=True)
    assert (before.sight(REQUEST), before.sight(RESPONSE)) == (before_request, before_response)
    assert (behind.sight(REQUEST), behind.sight(RESPONSE)) == (behind_request, behind_response)


@pytest.mark.parametrize("how", Cut)
def test_a_cut_is_seen_by_its_own_kind_of_end_alone(how: Cut) -> None:
    assert [ends_with(CutConnection(how=wanted, direction=REQUEST), how) for wanted in Cut] == [
        wanted is how for wanted in Cut
    ]
    assert not ends_with(Hang(), how)
    assert not ends_with(RefuseConnections(existing=Existing.KEEP), how)


def test_the_door_follows_a_refusal_elsewhere_and_nothing_else_is_carried_out_here() -> None:
    steps = InForce()
    steps.observe(1, Observed(RefuseConnections(existing=Existing.CLOSE), 0.0, behind=False))
    steps.observe(2, Observed(late(RESPONSE), 0.0, behind=False))
    orders = steps.orders(RESPONSE, 1)
    assert orders.passes
    assert orders == Orders(seen=orders.seen)
    doors = [steps.door]
    assert steps.stop_observing(1)
    doors.append(steps.door)
    assert doors == [Door.REFUSING, Door.OPEN]
    assert not steps.stop_observing(1)


def test_a_connection_that_was_not_used_was_not_cut() -> None:
    steps = InForce()
    steps.observe(1, Observed(CutConnection(how=Cut.FIN, direction=REQUEST), 0.0, behind=False))
    steps.observe(2, Observed(RefuseConnections(existing=Existing.CLOSE), 0.0, behind=False))
    assert steps.ended_elsewhere(Cut.FIN, lambda _: False) == [2]
    assert steps.ended_elsewhere(Cut.FIN, lambda _: True) == [1, 2]
    assert steps.ended_elsewhere(Cut.RST, lambda _: True) == []

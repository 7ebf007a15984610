"""How steps that overlap compose, and how touches become few events."""

from __future__ import annotations

from harness.core.commands import Blackhole, Cut, CutConnection, Delay, Direction, Hang, RefuseConnections, Throttle
from harness.core.events import Event, Touched
from harness.engines.relay.orders import Door, InForce, Orders
from harness.engines.relay.witness import Witness

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
ANY = 7
"""The number of a connection at which no step is aimed."""


def test_nothing_in_force_passes_everything() -> None:
    assert InForce().orders(REQUEST, ANY) == Orders()
    assert Orders().passes
    assert InForce().door is Door.OPEN


def test_a_blackhole_beats_a_refusal_until_it_heals() -> None:
    steps = InForce()
    doors = []
    steps.add(1, RefuseConnections())
    doors.append(steps.door)
    steps.add(2, Blackhole())
    doors.append(steps.door)
    steps.remove(2)
    doors.append(steps.door)
    assert doors == [Door.REFUSING, Door.SILENT, Door.REFUSING]


def test_a_hang_holds_both_directions_and_a_blackhole_what_the_server_says() -> None:
    steps = InForce()
    steps.add(1, Hang())
    steps.add(2, Blackhole())
    assert steps.orders(REQUEST, ANY).holding == {1}
    assert steps.orders(RESPONSE, ANY).holding == {1, 2}
    assert not steps.orders(REQUEST, ANY).passes


def test_what_has_a_direction_is_ordered_for_that_direction_alone() -> None:
    cut = CutConnection(how=Cut.RST, direction=REQUEST)
    delay = Delay(direction=RESPONSE, delay_s=1)
    drip = Throttle(direction=RESPONSE, bytes_per_s=1, chunk_bytes=1)
    steps = InForce()
    for step, command in enumerate((cut, delay, drip), start=1):
        steps.add(step, command)
    assert steps.orders(REQUEST, ANY) == Orders(cuts={1: cut})
    assert steps.orders(REQUEST, ANY).passes
    assert steps.orders(RESPONSE, ANY) == Orders(delays={2: delay}, throttles={3: drip})


def test_a_step_that_is_aimed_at_one_connection_is_to_all_others_not_there() -> None:
    cut = CutConnection(how=Cut.RST, direction=REQUEST, connection=1)
    late = Delay(direction=RESPONSE, delay_s=1, connection=2)
    steps = InForce()
    steps.add(1, cut, only=4)
    steps.add(2, late, only=5)
    steps.add(3, Hang(connection=1), only=4)
    assert steps.orders(REQUEST, 4) == Orders(holding=frozenset({3}), cuts={1: cut})
    assert steps.orders(RESPONSE, 4) == Orders(holding=frozenset({3}))
    assert steps.orders(RESPONSE, 5) == Orders(delays={2: late})
    assert steps.orders(REQUEST, ANY) == steps.orders(RESPONSE, ANY) == Orders()
    assert [number for number in (4, 5, ANY) if steps.reaches(3, number)] == [4]


def test_a_step_that_begins_again_is_aimed_anew() -> None:
    steps = InForce()
    steps.add(1, Hang(connection=1), only=4)
    steps.remove(1)
    assert not steps.reaches(1, 4)
    steps.add(1, Hang())
    assert steps.reaches(1, ANY)
    steps.clear()
    assert not steps.reaches(1, ANY)


def test_removing_what_never_began_is_no_error_and_clearing_goes_backwards() -> None:
    steps = InForce()
    assert steps.remove(9) is None
    steps.add(1, Hang())
    steps.add(2, Hang())
    assert steps.clear() == [2, 1]
    assert 1 not in steps


class _Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        self.events.append(event)

    def now(self) -> float:
        return 0.0

    def hide(self, secret: str, name: str) -> None: ...

    def redact(self, text: str) -> str:
        return text


def test_the_first_touch_is_told_at_once_and_the_rest_when_the_step_heals() -> None:
    recorder = _Recorder()
    witness = Witness(recorder)
    for amount in (5, 1, 1):
        witness.touch(1, "c1", "made late:", amount)
    assert recorder.events == [Touched(step=1, what="made late: c1", amount=5)]
    witness.settle_step(2)
    assert len(recorder.events) == 1
    witness.settle_step(1)
    assert recorder.events[1:] == [Touched(step=1, what="made late: c1", amount=2)]
    witness.settle_step(1)
    assert len(recorder.events) == 2


def test_what_only_begins_is_told_once_and_as_not_over() -> None:
    recorder = _Recorder()
    witness = Witness(recorder)
    for _ in range(3):
        witness.begin(1, "c1", "delaying: bytes of")
    witness.settle_step(1)
    assert recorder.events == [Touched(step=1, what="delaying: bytes of c1", amount=0, over=False)]


def test_each_connection_and_kind_has_its_own_first_touch() -> None:
    recorder = _Recorder()
    witness = Witness(recorder)
    witness.touch(1, "c1", "held")
    witness.touch(1, "c2", "held")
    witness.touch(1, "c2", "dropped")
    witness.touch(1, "c2", "held")
    assert len(recorder.events) == 3
    witness.settle_connection("c1")
    assert len(recorder.events) == 3
    witness.settle_connection("c2")
    assert recorder.events[3:] == [Touched(step=1, what="held c2", amount=1)]

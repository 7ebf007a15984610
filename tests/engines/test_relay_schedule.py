"""When held data may go on, and where a cut falls: on a clock that the test moves."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.commands import Delay, Direction, Throttle
from harness.engines.relay.schedule import Schedule
from harness.engines.relay.turn import Turn, bytes_before_cut

RESPONSE, REQUEST = Direction.RESPONSE, Direction.REQUEST


def late(delay_s: float, jitter_s: float = 0.0) -> Delay:
    return Delay(direction=RESPONSE, delay_s=delay_s, jitter_s=jitter_s)


def rate(bytes_per_s: float, chunk_bytes: int = 1) -> Throttle:
    return Throttle(direction=RESPONSE, bytes_per_s=bytes_per_s, chunk_bytes=chunk_bytes)


class Line:
    """A schedule, and what it told."""

    def __init__(self, seed: str = "seed") -> None:
        self.touched: Counter[int] = Counter()
        self.schedule = Schedule(seed, self._touch)

    def _touch(self, step: int, amount: int) -> None:
        self.touched[step] += amount

    def play(self) -> list[tuple[float, bytes]]:
        """Everything that still comes, with its moment."""
        out = []
        while (due := self.schedule.next_due()) is not None:
            while data := self.schedule.take(due):
                out.append((round(due, 6), data))
        return out


def test_without_a_shape_everything_goes_at_once() -> None:
    line = Line()
    line.schedule.arrive(0, b"abc")
    assert line.schedule.held == 3
    assert line.schedule.take(0) == b"abc"
    assert line.schedule.held == 0
    assert not line.touched


def test_a_delay_counts_from_each_pieces_arrival() -> None:
    line = Line()
    line.schedule.shape(0, {1: late(2)}, {})
    line.schedule.arrive(0, b"a")
    line.schedule.arrive(0.5, b"b")
    assert line.schedule.take(1.9) == b""
    assert line.touched == {}
    assert line.play() == [(2, b"a"), (2.5, b"b")]
    assert line.touched == {1: 2}


def test_two_delays_add_up_and_one_that_heals_is_taken_off() -> None:
    line = Line()
    line.schedule.shape(0, {1: late(2), 2: late(3)}, {})
    line.schedule.arrive(0, b"a")
    assert line.schedule.next_due() == 5
    line.schedule.shape(1, {2: late(3)}, {})
    assert line.schedule.next_due() == 3
    assert line.touched == {1: 1}


def test_healing_the_last_delay_releases_at_once_and_in_order() -> None:
    line = Line()
    line.schedule.shape(0, {1: late(60, 30)}, {})
    for piece in (b"a", b"b", b"c"):
        line.schedule.arrive(0, piece)
    line.schedule.shape(1, {}, {})
    assert line.schedule.take(1) == b"abc"
    assert line.touched == {1: 3}


@given(st.lists(st.tuples(st.floats(0, 10), st.binary(min_size=1, max_size=20)), max_size=20))
def test_jitter_never_changes_the_order(pieces: list[tuple[float, bytes]]) -> None:
    line = Line()
    line.schedule.shape(0, {1: late(5, 5)}, {})
    now = 0.0
    for gap, data in pieces:
        now += gap
        line.schedule.arrive(now, data)
    out = line.play()
    assert b"".join(data for _, data in out) == b"".join(data for _, data in pieces)
    assert [moment for moment, _ in out] == sorted(moment for moment, _ in out)


def moments(seed: str) -> list[float]:
    line = Line(seed)
    line.schedule.shape(0, {1: late(5, 1)}, {})
    out = []
    for second in range(0, 100, 10):
        line.schedule.arrive(second, b"x")
        out += [moment - second for moment, _ in line.play()]
    return out


def test_jitter_is_drawn_from_the_seed_within_its_bounds() -> None:
    assert moments("1") == moments("1")
    assert moments("1") != moments("2")
    assert all(4 <= moment <= 6 for moment in moments("1"))
    assert max(moments("1")) - min(moments("1")) > 0.5


def test_another_steps_jitter_does_not_change_the_first_ones() -> None:
    line = Line("1")
    line.schedule.shape(0, {1: late(5, 1), 2: late(0)}, {})
    line.schedule.arrive(0, b"x")
    assert line.schedule.next_due() == pytest.approx(moments("1")[0])


def test_a_drip_is_byte_by_byte_and_does_not_drift_however_late_one_looks() -> None:
    line = Line()
    line.schedule.shape(0, {}, {1: rate(10)})
    line.schedule.arrive(0, bytes(100))
    now = 0.0
    came = 0
    while (due := line.schedule.next_due()) is not None:
        now = due + 0.03
        came += len(line.schedule.take(now))
        assert came == int(now * 10 + 1e-6)
    assert now == pytest.approx(10.03)
    assert line.touched == {1: 100}


def test_chunks_go_whole_and_the_last_one_takes_its_part_of_the_time() -> None:
    line = Line()
    line.schedule.shape(0, {}, {1: rate(100, 50)})
    line.schedule.arrive(0, bytes(120))
    assert [(moment, len(data)) for moment, data in line.play()] == [(0.5, 50), (1.0, 50), (1.2, 20)]


def test_the_rate_holds_across_messages_and_idle_time_is_not_saved_up() -> None:
    line = Line()
    line.schedule.shape(0, {}, {1: rate(10)})
    line.schedule.arrive(0, b"a")
    assert line.play() == [(0.1, b"a")]
    line.schedule.arrive(0.1, b"b")
    assert line.play() == [(0.2, b"b")]
    line.schedule.arrive(50, b"cd")
    assert line.play() == [(50.1, b"c"), (50.2, b"d")]


def test_the_slowest_of_several_rates_rules_and_is_the_witness() -> None:
    line = Line()
    line.schedule.shape(0, {}, {1: rate(100), 2: rate(10)})
    line.schedule.arrive(0, b"ab")
    assert line.play() == [(0.1, b"a"), (0.2, b"b")]
    assert line.touched == {2: 2}


def test_healing_a_drip_releases_the_rest_at_once() -> None:
    line = Line()
    line.schedule.shape(0, {}, {1: rate(10)})
    line.schedule.arrive(0, b"abc")
    assert line.schedule.take(0.1) == b"a"
    line.schedule.shape(0.15, {}, {})
    assert line.schedule.take(0.15) == b"bc"
    assert line.touched == {1: 3}


def test_a_delay_comes_before_the_rate() -> None:
    line = Line()
    line.schedule.shape(0, {1: late(2)}, {2: rate(10)})
    line.schedule.arrive(0, b"ab")
    assert line.play() == [(2.1, b"a"), (2.2, b"b")]


def test_what_a_hang_held_does_not_burst_out_of_a_drip() -> None:
    line = Line()
    line.schedule.shape(0, {}, {1: rate(10)})
    line.schedule.arrive(0, b"abc")
    line.schedule.resume(100)
    assert line.play() == [(100.1, b"a"), (100.2, b"b"), (100.3, b"c")]


def test_what_is_thrown_away_had_been_touched() -> None:
    line = Line()
    line.schedule.shape(0, {1: late(5)}, {})
    line.schedule.arrive(0, b"abc")
    line.schedule.forget()
    assert line.touched == {1: 3}
    assert line.schedule.held == 0
    assert line.schedule.next_due() is None


@given(
    st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=10),
    st.floats(1, 1000),
    st.integers(1, 60),
    st.floats(0, 3),
)
def test_a_rate_loses_nothing_and_is_never_exceeded(
    pieces: list[bytes], bytes_per_s: float, chunk_bytes: int, delay_s: float
) -> None:
    line = Line()
    line.schedule.shape(0, {1: late(delay_s)}, {2: rate(bytes_per_s, chunk_bytes)})
    for data in pieces:
        line.schedule.arrive(0, data)
    out = line.play()
    assert b"".join(data for _, data in out) == b"".join(pieces)
    sent = 0
    for moment, data in out:
        sent += len(data)
        assert sent <= (moment - delay_s) * bytes_per_s * (1 + 1e-6) + 0.01


@pytest.mark.parametrize(
    ("gone", "coming", "after", "place"),
    [
        (0, 10, 0, 0),
        (5, 10, 0, None),
        (0, 10, 4, 4),
        (3, 10, 4, 1),
        (0, 4, 4, 4),
        (0, 3, 4, None),
        (4, 10, 4, None),
        (9, 10, 4, None),
    ],
)
def test_a_cut_falls_exactly_or_in_a_later_turn(gone: int, coming: int, after: int, place: int | None) -> None:
    assert bytes_before_cut(gone, coming, after) == place


def test_a_turn_begins_when_the_client_speaks_after_the_other_side() -> None:
    turn = Turn()
    turn.count(REQUEST, 3)
    turn.count(REQUEST, 4)
    assert (turn.gone(REQUEST), turn.gone(RESPONSE)) == (7, 0)
    turn.count(RESPONSE, 5)
    assert (turn.gone(REQUEST), turn.gone(RESPONSE)) == (0, 5)
    turn.count(RESPONSE, 1)
    turn.count(REQUEST, 2)
    assert (turn.gone(REQUEST), turn.gone(RESPONSE)) == (2, 0)

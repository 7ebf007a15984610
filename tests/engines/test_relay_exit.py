"""How much of a stream is TLS handshake, and where what leaves is stopped. No socket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.commands import Cut, CutConnection, CutHandshake, Direction, Stall, StallHandshake
from harness.engines.relay.exit import Exit, Stop
from harness.engines.relay.orders import Orders
from harness.engines.relay.tls import Handshake
from harness.engines.relay.turn import Turn, bytes_before_stall

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def record(kind: int, length: int) -> bytes:
    return bytes([kind, 3, 3]) + length.to_bytes(2, "big") + bytes(length)


HELLO = record(22, 300) + record(20, 1)
STREAM = HELLO + record(23, 50) + record(22, 10)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_the_handshake_ends_with_the_first_application_data_however_the_stream_is_cut(sizes: list[int]) -> None:
    handshake, rest, counted = Handshake(), STREAM, 0
    for size in [*sizes, len(STREAM)]:
        piece, rest = rest[:size], rest[size:]
        counted += handshake.bytes_of(piece)
        handshake.count(piece)
    assert counted == handshake.passed == len(HELLO)


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", record(23, 5), b"\x17"])
def test_what_does_not_begin_with_a_handshake_has_none_for_ever(data: bytes) -> None:
    handshake = Handshake()
    handshake.count(data)
    assert handshake.bytes_of(HELLO) == 0
    assert handshake.passed == 0


@pytest.mark.parametrize(
    ("gone", "coming", "after", "place"),
    [(0, 5, 0, 0), (0, 5, 4, 4), (0, 5, 5, None), (3, 5, 4, 1), (4, 5, 4, 0), (5, 5, 4, None), (0, 0, 0, None)],
)
def test_a_stall_needs_a_byte_to_hold(gone: int, coming: int, after: int, place: int | None) -> None:
    assert bytes_before_stall(gone, coming, after) == place


def test_the_earliest_stop_has_its_say_and_of_two_at_one_place_the_step_that_stands_first() -> None:
    late = CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=4)
    early = Stall(direction=RESPONSE, after_bytes=2)
    same = CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=2)
    exit_ = Exit(RESPONSE, Turn())
    assert exit_.next_stop(b"answer", Orders(cuts={1: late}, stalls={2: early})) == Stop(2, 2, early)
    assert exit_.next_stop(b"answer", Orders(cuts={1: same}, stalls={2: early})) == Stop(2, 1, same)
    assert exit_.next_stop(b"a", Orders(cuts={1: late}, stalls={2: early})) is None


def test_handshake_stops_count_the_handshake_and_not_the_turn() -> None:
    cut = CutHandshake(how=Cut.RST, direction=REQUEST, after_bytes=310)
    stall = StallHandshake(direction=REQUEST, after_bytes=306)
    exit_ = Exit(REQUEST, Turn())
    assert exit_.next_stop(HELLO, Orders(stalls={1: stall})) == Stop(306, 1, stall)
    exit_.count(HELLO[:305])
    assert exit_.next_stop(STREAM[305:], Orders(cuts={1: cut})) == Stop(5, 1, cut)
    exit_.count(STREAM[305:])
    assert exit_.next_stop(HELLO, Orders(cuts={1: cut}, stalls={2: stall})) is None

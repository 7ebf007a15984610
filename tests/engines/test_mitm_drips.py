"""Which byte of an answer is due when. No mitmproxy and no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from harness.core.commands import AnswerPart
from harness.engines.mitm.drips import GAVE_UP, HEALED, Drip, Outflow

HEAD, BODY = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", b"0123456789"
HEADERS = AnswerPart.HEADERS


@dataclass
class Told:
    """What a drip says."""

    said: list[tuple[str, bool]] = field(default_factory=list)

    def drip(self, part: AnswerPart, bytes_per_s: float) -> Drip:
        return Drip(part, bytes_per_s, lambda what, over: self.said.append((what, over)))


def outflow(*drips: Drip) -> Outflow:
    made = Outflow(drips)
    made.add(HEAD)
    made.add(BODY)
    return made


def at(flow: Outflow, now_s: float) -> list[bytes]:
    return list(flow.pieces(now_s))


def test_the_headers_go_at_once_and_each_byte_of_the_body_waits_its_turn() -> None:
    told = Told()
    flow = outflow(told.drip(AnswerPart.BODY, 4))
    assert at(flow, 10.0) == [HEAD]
    assert flow.wait_s(10.0) == 0.25
    assert at(flow, 10.2) == []
    assert at(flow, 10.25) == [b"0"]
    assert flow.wait_s(10.25) == 0.25
    assert told.said == [("sends the body byte by byte", False)]


def test_who_looks_late_gets_what_is_due_byte_by_byte_and_nothing_drifts() -> None:
    told = Told()
    flow = outflow(told.drip(AnswerPart.BODY, 4))
    at(flow, 0.0)
    assert at(flow, 1.1) == [b"0", b"1", b"2", b"3"]
    assert flow.wait_s(1.1) == pytest.approx(0.15)
    assert at(flow, 2.5) == [b"4", b"5", b"6", b"7", b"8", b"9"]
    assert flow.wait_s(2.5) is None
    assert told.said[-1] == ("sent 10 bytes of the body one by one, all of it", True)


def test_headers_drip_to_their_end_and_the_body_follows_in_one_piece() -> None:
    flow = outflow(Told().drip(HEADERS, 8))
    assert at(flow, 0.0) == []
    assert at(flow, len(HEAD) / 8) == [bytes([byte]) for byte in HEAD] + [BODY]


def test_the_slowest_of_several_rules_and_where_it_is_healed_the_others() -> None:
    told = Told()
    slow, quick = told.drip(HEADERS, 1), told.drip(HEADERS, 2)
    flow = outflow(slow, quick)
    assert at(flow, 0.0) == []
    assert at(flow, 1.0) == [b"H"]
    slow.end(HEALED)
    assert at(flow, 2.0) == [b"T"], "it was due before the healing"
    assert at(flow, 2.5) == [b"T"]
    quick.end(HEALED)
    assert at(flow, 2.5) == [HEAD[3:], BODY]
    assert told.said[2:] == [
        ("sent 1 bytes of the headers one by one, then the fault was healed", True),
        ("sent 3 bytes of the headers one by one, then the fault was healed", True),
    ]


def test_a_client_that_goes_ends_it_once_and_what_never_began_says_nothing() -> None:
    told, silent = Told(), Told()
    flow = outflow(told.drip(HEADERS, 1), silent.drip(AnswerPart.BODY, 1))
    at(flow, 0.0)
    flow.give_up()
    flow.give_up()
    assert at(flow, 99.0) == []
    assert flow.wait_s(99.0) is None
    assert told.said[1:] == [(f"sent 0 bytes of the headers one by one, {GAVE_UP}", True)]
    assert silent.said == []

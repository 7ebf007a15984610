"""What the relay reads from packets: filter programs, headers, and how attempts fared."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.relay.attempts import REMEMBERED, Attempt, Attempts
from harness.engines.relay.bpf import DROP_EVERYTHING, handshakes_with
from harness.engines.relay.packets import ACK, RST, SYN, Segment, parse
from tests.engines.bpf_machine import run
from tests.engines.relay_packets import CLIENT, HMC, accepts, asks, packet, resets

OTHER_HMC = ("127.1.2.4", HMC[1])
OTHER_SERVICE = (HMC[0], 443)
FIN, PUSH = 0x01, 0x08
OUTGOING = 4


def kept(data: bytes, packet_type: int = 0) -> bool:
    return run(handshakes_with(*HMC), data, packet_type) > 0


@given(st.binary(max_size=80))
def test_a_blackhole_keeps_nothing(data: bytes) -> None:
    assert run(DROP_EVERYTHING, data) == 0


@pytest.mark.parametrize("options", [b"", bytes(4), bytes(40)])
def test_the_watch_sees_the_handshakes_of_its_address(options: bytes) -> None:
    assert kept(packet(CLIENT, HMC, SYN, options=options))
    assert kept(packet(HMC, CLIENT, SYN | ACK, options=options))
    assert kept(packet(HMC, CLIENT, RST | ACK, options=options))
    assert kept(packet(HMC, CLIENT, RST, options=options))


@pytest.mark.parametrize("other", [OTHER_HMC, OTHER_SERVICE])
def test_the_watch_sees_no_other_address_or_port(other: tuple[str, int]) -> None:
    assert not kept(packet(CLIENT, other, SYN))
    assert not kept(packet(other, CLIENT, RST | ACK))
    assert not kept(packet(other, CLIENT, SYN | ACK))


@pytest.mark.parametrize("flags", [ACK, ACK | PUSH, ACK | FIN, RST, SYN | ACK])
def test_the_watch_sees_nothing_else_that_a_client_sends(flags: int) -> None:
    assert not kept(packet(CLIENT, HMC, flags))


@pytest.mark.parametrize("flags", [ACK, ACK | PUSH, ACK | FIN])
def test_the_watch_sees_no_data_from_the_hmc(flags: int) -> None:
    assert not kept(packet(HMC, CLIENT, flags))


def test_the_watch_sees_a_connection_from_the_hmcs_own_host() -> None:
    assert kept(packet((HMC[0], 40000), HMC, SYN))
    assert kept(packet(HMC, (HMC[0], 40000), RST | ACK))


def test_the_watch_sees_each_packet_once() -> None:
    assert not kept(packet(CLIENT, HMC, SYN), OUTGOING)


def test_the_watch_reads_neither_fragments_nor_other_protocols() -> None:
    assert not kept(packet(CLIENT, HMC, SYN, fragment=8))
    assert not kept(packet(CLIENT, HMC, SYN, protocol=17))


@pytest.mark.parametrize("options", [b"", bytes(40)])
def test_a_packet_is_read_behind_its_ip_options(options: bytes) -> None:
    data = packet(CLIENT, HMC, SYN, sequence=2**32 - 1, acknowledged=5, options=options)
    assert parse(data) == Segment(CLIENT, HMC, 2**32 - 1, 5, SYN)


@given(st.binary(max_size=60))
def test_no_packet_breaks_the_reader(data: bytes) -> None:
    parse(data)
    kept(data)


def test_a_cut_packet_and_another_protocol_are_no_segment() -> None:
    assert parse(packet(CLIENT, HMC, SYN)[:39]) is None
    assert parse(packet(CLIENT, HMC, SYN, protocol=17)) is None
    assert parse(b"") is None


def attempts() -> Attempts:
    numbers = itertools.count(1)
    return Attempts(lambda: f"c{next(numbers)}")


def test_a_reset_that_answers_a_syn_is_a_refusal() -> None:
    assert attempts().feed([asks(), resets()], ignoring=False) == [Attempt("c1", "refused")]


def test_the_sequence_number_may_wrap() -> None:
    assert attempts().feed([asks(2**32 - 1), resets(2**32 - 1)], ignoring=False) == [Attempt("c1", "refused")]


def test_a_reset_of_an_open_connection_is_no_refusal() -> None:
    made = attempts()
    assert made.feed([asks(), accepts(), resets()], ignoring=False) == []
    assert made.feed([asks(50), resets(7)], ignoring=False) == []


def test_an_accepted_attempt_is_not_ours_to_tell() -> None:
    made = attempts()
    assert made.feed([asks(), accepts()], ignoring=True) == []
    assert made.accepted(CLIENT) is None


def test_an_ignored_attempt_is_told_once_however_often_it_is_sent() -> None:
    made = attempts()
    assert made.feed([asks()], ignoring=True) == [Attempt("c1", "ignored")]
    assert made.feed([asks(), asks()], ignoring=True) == []
    assert made.feed([asks(8)], ignoring=True) == [Attempt("c2", "ignored")]


def test_an_attempt_from_before_the_silence_is_ignored_only_when_it_is_sent_again() -> None:
    made = attempts()
    assert made.feed([asks()], ignoring=False) == []
    assert made.feed([], ignoring=True) == []
    assert made.feed([asks()], ignoring=True) == [Attempt("c1", "ignored")]


def test_an_ignored_attempt_that_gets_in_later_keeps_its_name() -> None:
    made = attempts()
    made.feed([asks()], ignoring=True)
    made.feed([asks(), accepts()], ignoring=False)
    assert made.accepted(CLIENT) == "c1"
    assert made.accepted(CLIENT) is None


def test_an_ignored_attempt_that_is_refused_later_is_the_same_attempt() -> None:
    made = attempts()
    made.feed([asks()], ignoring=True)
    assert made.feed([asks(), resets()], ignoring=False) == [Attempt("c1", "refused", counted=True)]


def test_what_is_remembered_is_bounded() -> None:
    made = attempts()
    many = [asks(client=("127.0.0.1", port)) for port in range(1, REMEMBERED + 100)]
    assert len(made.feed(many, ignoring=True)) == len(many)
    assert len(made._asked) == REMEMBERED

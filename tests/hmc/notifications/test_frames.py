"""STOMP frames: whole ones come out however the bytes come in, and what is none ends the conversation."""

from __future__ import annotations

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.hmc.notifications.frames import FRAME_LIMIT_BYTES, HEADERS_LIMIT, BadFrame, Frame, FrameReader

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NAMES = TEXTS.filter(bool).filter(lambda name: name != "content-length")
BODIES = st.binary(max_size=50)


def read(*pieces: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


@given(headers=st.dictionaries(NAMES, TEXTS, max_size=5), body=BODIES, cuts=st.lists(st.integers(0, 300), max_size=4))
def test_a_frame_comes_out_as_it_went_in_however_its_bytes_are_cut(
    headers: dict[str, str], body: bytes, cuts: list[int]
) -> None:
    frame = Frame("MESSAGE", {**headers, "content-length": str(len(body))}, body)
    data = frame.encode("1.2")
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(places)]
    assert read(*pieces) == [frame]


@given(st.binary(max_size=400))
def test_whatever_comes_gives_frames_or_is_refused(data: bytes) -> None:
    with contextlib.suppress(BadFrame):
        assert all(frame.command for frame in read(data))


def test_frames_heartbeats_and_carriage_returns_follow_each_other() -> None:
    frames = read(b"\n\r\nSTOMP\r\nlogin:me\r\n\r\n\0\n\nDISCONNECT\nreceipt:7\n\n\0")
    assert [(frame.command, frame.headers) for frame in frames] == [
        ("STOMP", {"login": "me"}),
        ("DISCONNECT", {"receipt": "7"}),
    ]


def test_the_first_of_two_equal_headers_counts() -> None:
    assert read(b"SEND\na:1\na:2\n\n\0")[0].headers == {"a": "1"}


def test_connect_has_no_escapes_for_the_sake_of_1_0() -> None:
    assert read(b"CONNECT\npasscode:a\\nb\n\n\0")[0].headers == {"passcode": "a\\nb"}


def test_1_0_has_no_escapes_so_no_value_may_break_a_line() -> None:
    assert Frame("ERROR", {"message": "a\nb:c"}).encode("1.0") == b"ERROR\nmessage:a b:c\n\n\0"


def test_half_a_surrogate_pair_in_a_header_ends_no_conversation() -> None:
    assert Frame("MESSAGE", {"name": "a\ud800"}, b"{}").encode() == b"MESSAGE\nname:a?\n\n{}\0"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"SEND\0", "empty line"),
        (b"SEND\nno colon\n\n\0", "no colon"),
        (b"SEND\n:no name\n\n\0", "no name"),
        (b"SEND\na:\\t\n\n\0", "escape"),
        (b"SEND\na:\xff\n\n\0", "UTF-8"),
        (b"SEND\ncontent-length:x\n\n\0", "content-length"),
        (b"SEND\ncontent-length:99999999999999999\n\n\0", "content-length"),
        (b"CONNECT\ncontent-length:" + b"0" * 10 + b"9" * 5000 + b"\n\n\0", "content-length"),
        (b"SEND\ncontent-length:" + b"9" * 5000 + b"\n\n\0", "content-length"),
        (b"SEND\ncontent-length:1\n\nab\0", "longer"),
        (b"x" * (FRAME_LIMIT_BYTES + 1), "larger"),
        (b"SEND\n\n" + b"x" * (FRAME_LIMIT_BYTES + 1), "larger"),
        (b"SEND\n" + b"a:b\n" * (HEADERS_LIMIT + 1) + b"\n\0", "more than"),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadFrame, match=says):
        read(data)

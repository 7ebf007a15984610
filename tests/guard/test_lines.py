"""The line reader: whole lines, bounded in length and number, and nothing is lost without a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.checks.logs import lines_of
from harness.core.events import LogLine
from harness.guard.lines import LAST_WORDS_LINES, LINE_BYTES, LINES_A_SECOND, LineReader


def test_a_line_comes_out_when_it_is_whole() -> None:
    reader = LineReader()
    assert reader.feed(b"one\ntw", 0.0) == ["one"]
    assert reader.feed(b"o\r\n\n", 0.1) == ["two", ""]
    assert reader.end() == []


def test_the_last_line_needs_no_line_end() -> None:
    reader = LineReader()
    assert reader.feed(b"dying", 0.0) == []
    assert reader.end() == ["dying"]
    assert reader.end() == []


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert LineReader().feed(b"caf\xe9\n", 0.0) == ["caf\N{REPLACEMENT CHARACTER}"]


def test_an_over_long_line_is_cut_with_a_mark_and_the_next_one_is_whole() -> None:
    reader = LineReader()
    assert reader.feed(b"x" * LINE_BYTES, 0.0) == []
    assert reader.feed(b"yyy", 0.0) == []
    assert reader.feed(b"zz\nnext\n", 0.0) == ["x" * LINE_BYTES + " [5 bytes cut]", "next"]


def test_a_flood_is_one_line_that_says_how_much_is_missing() -> None:
    reader = LineReader()
    kept = reader.feed(b"a\n" * (LINES_A_SECOND + 500), 10.0)
    assert kept == ["a"] * LINES_A_SECOND
    assert reader.owes, "a timer has to see to it that the mark comes, though nothing else may"
    assert reader.feed(b"b\n", 10.9) == []
    assert reader.turn(10.95) == []
    assert reader.turn(11.0) == ["[501 lines left out]"]
    assert reader.feed(b"c\n", 11.1) == ["c"]


def test_the_next_line_after_a_flood_comes_behind_its_mark() -> None:
    reader = LineReader()
    reader.feed(b"a\n" * (LINES_A_SECOND + 2), 0.0)
    assert reader.feed(b"b\n", 5.0) == ["[2 lines left out]", "b"]


def test_the_last_words_of_a_flood_are_kept() -> None:
    reader = LineReader()
    reader.feed(b"a\n" * (LINES_A_SECOND + 100) + b"why\nI die", 0.0)
    out = reader.end()
    assert out[0] == f"[{101 - LAST_WORDS_LINES} lines left out]"
    assert out[-2:] == ["why", "I die"]
    assert len(out) == 1 + LAST_WORDS_LINES + 1


def test_a_line_that_began_before_the_flood_limit_is_not_mixed_with_a_later_one() -> None:
    reader = LineReader()
    reader.feed(b"a\n" * LINES_A_SECOND + b"begun", 0.0)
    reader.feed(b" and ended\nlast", 0.1)
    assert reader.end()[-1] == "last"


@given(st.lists(st.integers(0, 2 * LINES_A_SECOND), max_size=5), st.integers(1, 4000))
def test_no_line_goes_uncounted(bursts: list[int], size: int) -> None:
    """Whatever the bursts and however the pipe cuts them, the recorded lines stand for all that were printed."""
    reader, out = LineReader(), []
    for second, count in enumerate(bursts):
        data = b"line\n" * count
        for at in range(0, len(data), size):
            out += reader.feed(data[at : at + size], float(second))
    out += reader.end()
    assert sum(lines_of(LogLine(who="", stream="", level="", text=text)) for text in out) == sum(bursts)

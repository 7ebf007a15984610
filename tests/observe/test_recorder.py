"""The recorder stamps, redacts and writes."""

from __future__ import annotations

import base64
import io
import json

import pytest

from harness.core.events import ComponentCrashed, Event, LogLine, PortsSampled, TrialBegan, decode
from harness.observe.recorder import TrialRecorder


class Clock:
    """Says what it is told."""

    def __init__(self) -> None:
        self.t = 100.0

    def now(self) -> float:
        return self.t

    async def sleep(self, seconds: float) -> None:
        self.t += seconds


def line(text: str) -> LogLine:
    return LogLine(who="agent", stream="stderr", level="", text=text)


def test_times_count_from_the_trial_s_begin() -> None:
    clock = Clock()
    recorder = TrialRecorder(clock)
    clock.t = 101.5
    recorder.record(line("hello"))
    assert [e.t for e in recorder.history] == [1.5]


def test_what_is_written_is_the_history() -> None:
    sink = io.StringIO()
    recorder = TrialRecorder(Clock(), sink)
    recorder.record(line("hellö"))
    recorder.record(PortsSampled(status={"nic-1": "ACTIVE"}))
    assert [decode(json.loads(text)) for text in sink.getvalue().splitlines()] == list(recorder.history)


def test_a_history_that_can_no_longer_be_written_says_so_and_goes_on() -> None:
    """A full disk: the events are there to judge, but the verdict becomes UNKNOWN."""

    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    recorder = TrialRecorder(Clock(), Full())
    recorder.record(line("one"))
    recorder.record(line("two"))
    assert [type(event) for event in recorder.history] == [LogLine, ComponentCrashed, LogLine]
    (crash,) = recorder.history.all(ComponentCrashed)
    assert crash.error == "the history can no longer be written: [Errno 28] No space left on device"


def test_a_secret_reaches_neither_history_nor_file_nor_listener() -> None:
    sink, heard = io.StringIO(), list[Event]()
    recorder = TrialRecorder(Clock(), sink)
    recorder.hide("s3cret-word", "password")
    recorder.listen(heard.append)
    recorder.record(line("logon with s3cret-word, s3cret-word!"))
    recorder.record(PortsSampled(status={"nic-1": "s3cret-word"}))
    recorder.record(PortsSampled(status={"s3cret-word": "ACTIVE"}))
    told = f"{sink.getvalue()} {list(recorder.history)} {heard}"
    assert "s3cret-word" not in told
    assert told.count("<secret:password>") == 12
    assert recorder.redact("s3cret-word") == "<secret:password>"


@pytest.mark.parametrize("user", ["", "a", "ab", "agent-user:"])
@pytest.mark.parametrize("rest", ["", "?", "\nand more"])
def test_a_secret_is_hidden_inside_of_base64_too(user: str, rest: str) -> None:
    """As a program prints it that logs its Authorization header."""
    recorder = TrialRecorder(Clock())
    recorder.hide("0123456789abcdef", "password")
    recorder.record(line("Basic " + base64.b64encode(f"{user}0123456789abcdef{rest}".encode()).decode()))
    (told,) = recorder.history.all(LogLine)
    assert "<secret:password>" in told.text
    assert len(told.text) < len("Basic <secret:password>") + len(user + rest) * 4 / 3 + 8


def test_a_text_too_short_to_hide_is_refused() -> None:
    with pytest.raises(ValueError, match="less than 4 characters"):
        TrialRecorder(Clock()).hide("abc", "password")


def test_a_header_survives_redaction_of_nothing() -> None:
    recorder = TrialRecorder(Clock())
    event = TrialBegan(scenario="a", document="{}", seed=1, address="127.0.0.1:1", timeouts={"read_timeout": 2.0})
    recorder.record(event)
    assert recorder.history.header == event

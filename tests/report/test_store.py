"""Where artifacts lie, what is pruned, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.events import Heartbeat, LogLine, encode
from harness.core.verdict import Finding, Outcome, Verdict
from harness.errors import BadInput
from harness.observe.clock import WallClock
from harness.observe.recorder import TrialRecorder
from harness.report.store import RunStore, read_history


def test_a_trial_has_a_folder_and_latest_points_to_it(tmp_path: Path) -> None:
    store = RunStore(tmp_path, keep=3)
    folder = store.open("running/refused[hang]", "1")
    assert folder.path == tmp_path / "running" / "refused[hang]" / "1"
    assert (folder.path.parent / "latest").resolve() == folder.path
    newer = store.open("running/refused[hang]", "2")
    assert (folder.path.parent / "latest").resolve() == newer.path


def test_old_trials_go_and_others_stay(tmp_path: Path) -> None:
    store = RunStore(tmp_path, keep=2)
    mine = tmp_path / "x" / "notes"
    mine.mkdir(parents=True)
    for number in range(4):
        store.open("x", str(number)).history.write_text("", encoding="utf-8")
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == ["2", "3", "latest", "notes"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="--runs-dir"):
        RunStore(tmp_path / "runs", keep=1).open("x", "1")


def test_a_trial_in_progress_is_not_pruned_and_a_killed_one_is(tmp_path: Path) -> None:
    """More trials of one scenario than are kept may be played at once."""
    store = RunStore(tmp_path, keep=1)
    playing, killed = store.open("x", "1"), store.open("x", "2")
    killed.open_history().close()
    with playing.open_history():
        store.open("x", "3")
        assert playing.history.exists()
        assert not killed.path.exists()
    store.open("x", "4")
    assert not playing.path.exists()


def test_the_verdict_is_stored_with_its_facts(tmp_path: Path) -> None:
    folder = RunStore(tmp_path, keep=1).open("x", "1")
    fail = Finding("exits", Outcome.FAIL, "words", 1.5)
    passed = Finding("elapsed", Outcome.PASS, "took", 2.0, machine_s=0.12345)
    folder.write(Verdict(Outcome.FAIL, (fail, passed)), {"seed": 7}, "page")
    data = json.loads((folder.path / "verdict.json").read_text(encoding="utf-8"))
    finding = {"check": "exits", "outcome": "FAIL", "words": "words", "t": 1.5}
    machine = {"check": "elapsed", "outcome": "PASS", "words": "took", "t": 2.0, "machine_s": 0.123}
    assert data == {"outcome": "FAIL", "seed": 7, "findings": [finding, machine]}
    assert (folder.path / "trial.txt").read_text(encoding="utf-8") == "page\n"


def test_a_history_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(encode(Heartbeat(t=1.0, source="x"))) + "\n", encoding="utf-8")
    assert list(read_history(file)) == [Heartbeat(t=1.0, source="x")]


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x0b\x0c\x1c", "\r", "\udc80"])
def test_a_line_of_odd_characters_comes_back_as_it_was(tmp_path: Path, odd: str) -> None:
    """Only a newline ends an event, and bytes that are no text do not stop the writing."""
    folder = RunStore(tmp_path, keep=1).open("x", "1")
    line = LogLine(who="agent", stream="stdout", level="", text=f"a{odd}b")
    with folder.open_history() as sink:
        recorder = TrialRecorder(WallClock(), sink)
        recorder.record(line)
        recorder.record(Heartbeat(source="x"))
    assert list(read_history(folder.history)) == list(recorder.history)
    folder.write(Verdict(Outcome.FAIL, (Finding("logs", Outcome.FAIL, line.text),)), {}, line.text)
    stored = json.loads((folder.path / "verdict.json").read_text(encoding="utf-8"))
    assert stored["findings"][0]["words"] == line.text


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(encode(Heartbeat(t=1.0, source="x"))) + '\n{"t": 2.0, "ev', encoding="utf-8")
    assert len(read_history(file)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense\n", "history.jsonl:1:1: no JSON"),
        ("[]\n", "history.jsonl:1:1: unknown event None"),
        ('{"event": "Party", "t": 0.0}\n', "history.jsonl:1:1: unknown event 'Party'"),
    ],
)
def test_what_is_no_history_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_history(file)
    assert words in str(refused.value)


def test_a_history_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_history(tmp_path / "history.jsonl")

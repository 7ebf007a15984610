"""Whatever is wrong with a scenario file is told with its place, what is wrong and what to do."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from harness.errors import BadInput
from harness.faults import FAULTS
from harness.scenario_file import load, reader
from harness.scenario_file.problems import MOST_LETTERS
from tests.scenario_file.words import HEAD, LINE, WORDS, put

_TABLES = sorted((Path(__file__).parent / "bad").glob("*.txt"))
_CASE = re.compile(r"^=== (.+)\n((?s:.*?))^--> (.+)$", re.MULTILINE)
_FILE = "scenarios/running/story.scenario.yaml"


def _found() -> Iterator[tuple[str, str, str]]:
    """Name, text and what is told of each case; ``<FAULTS>`` stands for the words of all faults."""
    for table in _TABLES:
        before = LINE if table.stem in ("agent", "head") else HEAD
        whole = table.read_text(encoding="utf-8").replace("<FAULTS>", ", ".join(FAULTS))
        for name, text, told in _CASE.findall(whole):
            yield f"{table.stem}: {name}", before + text, f"{_FILE}:{_shortened(told)}"


def _shortened(told: str) -> str:
    """As no reader wants more: the list of all faults is long."""
    place, between, words = told.partition(": ")
    return told if len(words) <= MOST_LETTERS else f"{place}{between}{words[:MOST_LETTERS]}..."


def _cases() -> Iterator[object]:
    for name, text, told in _found():
        yield pytest.param(text, told, id=name)


def told_about(root: Path, text: str | bytes) -> list[str]:
    """What the loader says, a line each."""
    with pytest.raises(BadInput) as caught:
        load(put(root, text), WORDS, root)
    return str(caught.value).split("\n")


@pytest.mark.parametrize(("text", "told"), list(_cases()))
def test_each_slip_is_told_with_its_place_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    assert told_about(tmp_path, text)[0] == told


def test_the_tables_hold_many_cases() -> None:
    assert len(list(_cases())) >= 150


def test_the_words_are_the_same_without_libyaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_Loader", yaml.SafeLoader)
    for _, text, told in _found():
        assert told_about(tmp_path, text)[0] == told


def test_all_problems_of_a_file_are_told_at_once_in_its_order(tmp_path: Path) -> None:
    text = HEAD.replace("RUN-1", "RUN-11") + (
        "title: twice\n"
        "timeline:\n"
        "- {name: a, at: 5, fault: hagn, for: 3 s}\n"
        "- {on: {step: b, is: began}, fault: reset}\n"
        "expect: [keep_running, {heartbeat: {max_gap: 12}}]\n"
        "known: [{check: ports, because: x}]\n"
    )
    places = [line.removeprefix(f"{_FILE}:").split(": ")[0] for line in told_about(tmp_path, text)]
    assert places == ["4:16", "7:1", "9:17", "9:27", "9:38", "10:15", "11:10", "11:46", "12:9"]


def test_a_problem_that_each_combination_has_is_told_once(tmp_path: Path) -> None:
    text = HEAD + 'expect: [keep_running]\ntimeline: [{at: 0s, fault: "${f}"}]\nmatrix: {f: [hang, reset, blackhole]}\n'
    assert len(told_about(tmp_path, text)) == 1


def test_no_more_lines_are_told_than_anybody_reads(tmp_path: Path) -> None:
    told = told_about(tmp_path, HEAD + "expect: [keeps_running]\n" + "".join(f"x{n}: 1\n" for n in range(500)))
    assert len(told) == 101
    assert told[-1] == f"{_FILE}: 400 more problems of this file are not shown"


def test_a_long_value_makes_no_long_message_and_no_second_line(tmp_path: Path) -> None:
    long = "5\\n" * 10_000
    (told,) = told_about(tmp_path, HEAD + f'expect: [keeps_running]\nsteady_within: "{long}"\n')
    assert len(told) < 800


# Bytes and files


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ":1:1: the file is empty; begin it with 'title:'"),
        (b" \n\n", ":1:1: the file is empty; begin it with 'title:'"),
        (b"\xef\xbb\xbftitle: x\n", ":1:1: the file begins with a byte order mark; save it as UTF-8 without one"),
        (b"title: x\nwhy: \xc3\xa4\xff\n", ":2:7: the byte 0xff is not UTF-8; save the file as UTF-8"),
        ("title: x\n".encode("utf-16"), ":1:1: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"title: a\x00b\n", ":1:9: the control character U+0000 is here; take it out"),
        (b"title: x\r\nwhy: \x1b[31m\r\n", ":2:6: the control character U+001B is here; take it out"),
        ("title: a\u2028b\n".encode(), ":1:9: the control character U+2028 is here; take it out"),
        (b"#" * (256 * 1024 + 1), ": larger than 256 kB; tell the story in several files"),
        (b"- x\n" * 6000, ":2000:3: more than 2000 values; tell the story in several files"),
    ],
)
def test_bytes_that_are_no_text_of_ours_are_told(tmp_path: Path, data: bytes, told: str) -> None:
    assert told_about(tmp_path, data)[0] == f"{_FILE}{told}"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, b"")
    os.truncate(path, 100 * 1024 * 1024)

    def must_not(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(Path, "open", must_not)
    with pytest.raises(BadInput, match="larger than 256 kB"):
        load(path, WORDS, tmp_path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.scenario.yaml"
    with pytest.raises(BadInput, match=r"^none.scenario.yaml: there is no such file; "):
        load(path, WORDS, tmp_path)


def test_a_directory_is_told(tmp_path: Path) -> None:
    path = tmp_path / "folder.scenario.yaml"
    path.mkdir()
    with pytest.raises(BadInput, match=r"^folder.scenario.yaml: this is a directory; "):
        load(path, WORDS, tmp_path)


def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.scenario.yaml"
    os.mkfifo(path)
    with pytest.raises(BadInput, match=r"^pipe.scenario.yaml: this is no ordinary file; "):
        load(path, WORDS, tmp_path)


@pytest.mark.parametrize("name", ["story.yaml", ".scenario.yaml", "a b.scenario.yaml", "a[b].scenario.yaml"])
def test_a_name_that_makes_no_id_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(HEAD)
    with pytest.raises(BadInput, match=r"end in \.scenario\.yaml; rename it$"):
        load(path, WORDS, tmp_path)


# The line for editors


def test_a_missing_schema_line_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    told = told_about(tmp_path, HEAD.removeprefix(LINE) + "expect: [keeps_running]\n")
    assert told == [f"{_FILE}:1:1: the line is missing by which editors find the schema; write: {LINE.strip()}"]


def test_the_schema_that_the_harness_ships_will_do_and_so_will_an_absolute_path(tmp_path: Path) -> None:
    path = put(tmp_path, "")
    ours = tmp_path / "harness" / "scenario_file" / "scenario.schema.json"
    shipped = Path(reader.__file__).with_name("scenario.schema.json")
    for schema in (str(ours), str(shipped), os.path.relpath(shipped, path.parent)):
        path.write_text(HEAD.replace("../../harness/scenario_file/scenario.schema.json", schema) + "expect: [ports]\n")
        assert load(path, WORDS, tmp_path)


def test_without_a_schema_in_the_project_the_shipped_one_is_advised(tmp_path: Path) -> None:
    path = put(tmp_path, HEAD.removeprefix(LINE) + "expect: [ports]\n")
    (tmp_path / "harness" / "scenario_file" / "scenario.schema.json").unlink()
    advised = os.path.relpath(Path(reader.__file__).with_name("scenario.schema.json"), path.parent)
    with pytest.raises(BadInput) as caught:
        load(path, WORDS, tmp_path)
    assert str(caught.value).endswith(f"write: # yaml-language-server: $schema={advised}")


def test_a_schema_line_to_another_place_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    text = HEAD.replace("../../harness", "../harness") + "expect: [keeps_running]\n"
    wrong = "the schema is not at '../harness/scenario_file/scenario.schema.json'"
    assert told_about(tmp_path, text) == [f"{_FILE}:1:33: {wrong}; write: {LINE.strip()}"]

"""Bytes of a file -> nodes with places. Nothing in a file can make this slow, large or surprising.

Laws:
1. A file is at most `MOST_BYTES` long, and this is looked at before it is read; it is UTF-8 and without control
   characters.
2. It holds one document, at most `MOST_DEPTH` deep and with at most `MOST_NODES` values; no anchor, alias or tag.
3. Whatever is wrong is a `BadInput` that names the place.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.errors import BadInput
from harness.scenario_file.nodes import Entries, Items, Node, Scalar
from harness.scenario_file.problems import Problems, shown

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20
MOST_NODES = 2000
"""A long story has a hundred; with a full matrix this many still load in some seconds."""

_TOO_LARGE = f"larger than {MOST_BYTES // 1024} kB; tell the story in several files"

# A line separator other than CR and LF would put our line numbers at odds with those of the editor.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Spot:
    """A bare line and column, both from 1."""

    line: int
    column: int


def read(path: Path, shown_as: str) -> str:
    """The text of a file.

    Raises:
        BadInput: it is not there, no ordinary file, too large, not UTF-8, or holds control characters.
    """
    try:
        facts = path.stat()
        if stat.S_ISDIR(facts.st_mode):
            raise BadInput(f"{shown_as}: this is a directory; name a file in it")
        if not stat.S_ISREG(facts.st_mode):
            raise BadInput(f"{shown_as}: this is no ordinary file; copy what it holds into one")
        if facts.st_size > MOST_BYTES:
            raise BadInput(f"{shown_as}: {_TOO_LARGE}")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(f"{shown_as}: there is no such file; look at its name and the directory") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{shown_as}: cannot be read: {error}; look at its name and its permissions") from error
    if len(data) > MOST_BYTES:
        raise BadInput(f"{shown_as}: {_TOO_LARGE}")  # it has grown meanwhile
    return _decoded(data, shown_as)


def _decoded(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        at, byte = _spot(before), data[error.start]
        raise BadInput(
            f"{file}:{at.line}:{at.column}: the byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
        ) from None
    if text.startswith("\ufeff"):
        raise BadInput(f"{file}:1:1: the file begins with a byte order mark; save it as UTF-8 without one")
    return text


def _spot(before: str) -> Spot:
    lines = re.split("\r\n|\r|\n", before)
    return Spot(len(lines), len(lines[-1]) + 1)


def parse(text: str, problems: Problems) -> Node:
    """The one document of a text. What can be read on from, such as a key that stands there twice, is only noted.

    Raises:
        BadInput: it is no YAML, or uses what this language leaves out.
    """
    control = _CONTROL.search(text)
    if control:
        problems.add(_spot(text[: control.start()]), f"the control character {_code(control)} is here; take it out")
        problems.raise_if_any()
    if not text.strip():
        problems.add(Spot(1, 1), "the file is empty; begin it with 'title:'")
        problems.raise_if_any()
    return _parse(text, problems, _Loader)


def _parse(text: str, problems: Problems, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> Node:
    source = loader(text)
    try:
        return _Composer(source, problems).document()
    except yaml.MarkedYAMLError as error:
        if loader is not yaml.SafeLoader:
            # libyaml's words differ from the Python parser's; use the latter, so that messages are the same everywhere.
            _parse(text, problems, yaml.SafeLoader)
        _syntax_problem(error, text, problems)
    except yaml.YAMLError as error:
        problems.add(Spot(1, 1), f"this is no YAML: {error}; mend it")
    finally:
        source.dispose()
    problems.raise_if_any()
    raise AssertionError("unreachable: the problem was added above")


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    at = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
    lines = text.splitlines()
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    problems.add(at, f"this is no YAML: {error.problem or error.context}; {_syntax_advice(line, error.problem or '')}")


def _syntax_advice(line: str, problem: str) -> str:
    if "\t" in line and r"\t" in problem:
        return "indent with spaces, not with tabs"
    if "${" in line:
        return 'put the matrix value in quotes, as in "${fault}"'
    if "mapping values are not allowed" in problem:
        return "put a text that holds ': ' in quotes, or mend the indentation"
    return "look at the indentation, brackets and quotes here and just above"


class _Composer:
    """Turns the parser's events into nodes; refuses what the language leaves out as soon as it shows."""

    def __init__(self, source: yaml.SafeLoader | yaml.CSafeLoader, problems: Problems) -> None:
        self._source = source
        self._problems = problems
        self._left = MOST_NODES

    def _next(self) -> yaml.Event:
        event = self._source.get_event()
        assert isinstance(event, yaml.Event), "the parser has no event after the stream's end, where nobody asks"  # noqa: S101 - tells the type
        return event

    def document(self) -> Node:
        self._next()
        begin = self._next()
        if isinstance(begin, yaml.StreamEndEvent):
            self._stop(begin, "the file holds nothing but comments; begin it with 'title:'")
        node = self._node(self._next(), 0)
        self._next()
        more = self._next()
        if not isinstance(more, yaml.StreamEndEvent):
            self._stop(more, "a second document begins here; put it into a file of its own")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        at = _begin(event)
        self._left -= 1
        if self._left < 0:
            self._stop(event, f"more than {MOST_NODES} values; tell the story in several files")
        if depth > MOST_DEPTH:
            self._stop(event, f"nested more than {MOST_DEPTH} deep; nothing in this language needs that")
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, f"aliases are not used here; write out what *{event.anchor} stands for")
        self._plain_yaml_only(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(self._items(depth), at.line, at.column)
        return Entries(self._entries(depth), at.line, at.column)

    def _plain_yaml_only(self, event: yaml.Event) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            self._stop(event, f"anchors are not used here; take out &{anchor}")
        if tag is not None:
            self._stop(event, f"tags are not used here; take out {shown(tag)}")

    def _scalar(self, event: yaml.ScalarEvent, at: Spot) -> Scalar:
        node = Scalar(event.value, not event.style, at.line, at.column)
        control = _CONTROL.search(event.value)
        if control:
            self._problems.add(node, f"the text holds the control character {_code(control)}; take it out")
            self._problems.close(node)
        return node

    def _items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _entries(self, depth: int) -> dict[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if not isinstance(key, Scalar):
                self._problems.add(key, "a key has to be a word; put the matrix value or list behind a ':'")
            elif key.text in entries:
                first = entries[key.text][0]
                words = f"{shown(key.text)} stands here twice, first in line {first.line}; keep one of them"
                self._problems.add(key, words)
            else:
                entries[key.text] = (key, value)
        return entries

    def _stop(self, event: yaml.Event, words: str) -> None:
        self._problems.add(_begin(event), words)
        self._problems.raise_if_any()


def _begin(event: yaml.Event) -> Spot:
    mark = event.start_mark
    return Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)


def _code(found: re.Match[str]) -> str:
    return f"U+{ord(found.group()):04X}"

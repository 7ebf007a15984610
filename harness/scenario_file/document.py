"""A scenario as JSON text with its matrix put in: what a history keeps, and what a verdict is computed from again.

Scalars stay texts (and nothing stays null), so that reading it back cannot differ from reading the file. Places are
kept for the scenario and its steps; anything else is told at the nearest of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.errors import BadInput
from harness.scenario_file.nodes import Entries, Items, Node, Scalar
from harness.scenario_file.reader import MOST_DEPTH


@dataclass(frozen=True, slots=True)
class Document:
    """A scenario's id, its file, and its tree without a matrix."""

    id: str
    file: str
    node: Entries

    def to_json(self) -> str:
        """As one line of JSON text."""
        timeline = self.node.get("timeline")
        steps = [[item.line, item.column] for item in timeline.items] if isinstance(timeline, Items) else []
        return json.dumps(
            {
                "id": self.id,
                "file": self.file,
                "place": [self.node.line, self.node.column],
                "steps": steps,
                "scenario": _plain(self.node),
            },
            ensure_ascii=False,
        )


def from_json(text: str) -> Document:
    """The document that `to_json` wrote.

    Raises:
        BadInput: the text is none; it is of another version or was changed by hand.
    """
    try:
        data = json.loads(text)
        line, column = _place(data["place"])
        node = _entries(data["scenario"], line, column, 0)
        _put_places(node, [_place(place) for place in data["steps"]])
        return Document(_text(data["id"]), _text(data["file"]), node)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        words = f"this is no document of a scenario: {type(error).__name__}: {error}; was the history changed by hand?"
        raise BadInput(words) from error


def _plain(node: Node) -> object:
    match node:
        case Scalar():
            return None if node.is_nothing else node.text
        case Items(items=items):
            return [_plain(item) for item in items]
        case Entries(entries=entries):
            return {word: _plain(value) for word, (_, value) in entries.items()}


def _place(data: object) -> tuple[int, int]:
    match data:
        case [int(line), int(column)]:
            return line, column
    raise TypeError(f"{data!r} is no place")


def _node(data: object, line: int, column: int, depth: int) -> Node:
    if depth > MOST_DEPTH:
        raise ValueError("nested too deep")
    match data:
        case None:
            return Scalar("", True, line, column)
        case str():
            return Scalar(data, False, line, column)
        case list():
            return Items([_node(item, line, column, depth + 1) for item in data], line, column)
        case dict():
            return _entries(data, line, column, depth)
    raise TypeError(f"{data!r} is neither a text, nor a list, nor a mapping")


def _entries(data: object, line: int, column: int, depth: int) -> Entries:
    if not isinstance(data, dict):
        raise TypeError(f"{data!r} is no mapping")
    pairs = {
        key: (Scalar(key, True, line, column), _node(value, line, column, depth + 1)) for key, value in data.items()
    }
    return Entries(pairs, line, column)


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise TypeError(f"{data!r} is no text")
    return data


def _put_places(node: Entries, places: list[tuple[int, int]]) -> None:
    timeline = node.get("timeline")
    if isinstance(timeline, Items):
        placed = [_moved(item, place) for item, place in zip(timeline.items, places, strict=True)]
        node.entries["timeline"] = (node.entries["timeline"][0], Items(placed, timeline.line, timeline.column))


def _moved(node: Node, place: tuple[int, int]) -> Node:
    return _node(_plain(node), *place, 0)

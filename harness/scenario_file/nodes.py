"""What a YAML file holds, before anybody knows what it means: texts, lists and mappings, each with its place.

A scalar stays the text that was written. YAML 1.1 would make `on` a boolean and `12:30` a number; here a value's type
comes from the field that it is for, and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Scalar:
    """A text. `plain` means that it was written without quotes."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def is_nothing(self) -> bool:
        """Whether there is no value at all, as in ``key:``; an empty text would be in quotes."""
        return self.plain and not self.text


@dataclass(slots=True, eq=False)
class Items:
    """A list."""

    items: list[Node]
    line: int
    column: int


@dataclass(slots=True, eq=False)
class Entries:
    """A mapping; every key stands there once."""

    entries: dict[str, tuple[Scalar, Node]]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """The value of a key, if it is there."""
        found = self.entries.get(key)
        return found[1] if found else None


Node = Scalar | Items | Entries

NAMES = {Scalar: "a text", Items: "a list", Entries: "a mapping"}
"""What each is called towards a person."""


def name_of(node: Node) -> str:
    """What this is called towards a person."""
    return "nothing" if isinstance(node, Scalar) and node.is_nothing else NAMES[type(node)]


def find(node: Node, *path: str | int) -> Node:
    """The node at the end of a path, or the deepest one on the way to it."""
    for step in path:
        inner: Node | None = None
        if isinstance(step, str) and isinstance(node, Entries):
            inner = node.get(step)
        elif isinstance(step, int) and isinstance(node, Items) and step < len(node.items):
            inner = node.items[step]
        if inner is None:
            return node
        node = inner
    return node


def scalars(node: Node) -> Iterator[Scalar]:
    """Every text in a tree, keys left out."""
    match node:
        case Scalar():
            yield node
        case Items(items=items):
            for item in items:
                yield from scalars(item)
        case Entries(entries=entries):
            for _, value in entries.values():
                yield from scalars(value)

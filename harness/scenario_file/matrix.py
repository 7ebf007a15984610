"""The matrix: each combination of its values is put in for `${name}` and becomes a scenario of its own.

Values are put into the tree of nodes, before it is read: a problem with a value is told at the place in the matrix.
What belongs together is one value, a mapping, whose parts are put in for `${name.part}`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.scenario_file.kinds import Reading, Schema
from harness.scenario_file.nodes import Entries, Items, Node, Scalar, name_of, scalars
from harness.scenario_file.problems import Problems, shown, unknown

MOST_COMBINATIONS = 100
"""More trials than this from one file are a slip; nobody would wait for them."""

MOST_LETTERS = 200
"""Longest value that may be put into the middle of a text."""

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_AXIS = r"[A-Za-z][A-Za-z0-9_]{0,59}"
_TYPABLE = re.compile(r"(?!.*::)[!-Z^-~]{1,60}")
"""What an id may hold: something that a person can type after `pytest -k`, without blanks and brackets."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The kind of the key `matrix`. It has been used by the time that the document is read."""

    def read(self, node: Node, reading: Reading, what: str) -> object:  # noqa: ARG002 - see the class's docstring
        """Nothing."""
        return None

    def schema(self) -> Schema:
        """Lists of anything by name."""
        values = {"type": "array", "minItems": 1}
        return {"type": "object", "propertyNames": {"pattern": f"^{_AXIS}$"}, "additionalProperties": values}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an axis and how ids show it."""

    text: str
    node: Node


@dataclass(slots=True)
class Matrix:
    """The axes of a file; counts which were used."""

    axes: Mapping[str, tuple[Value, ...]]
    problems: Problems
    is_broken: bool = False
    _used: set[str] = field(default_factory=set)

    def combinations(self) -> Iterator[tuple[str, Mapping[str, Node]]]:
        """The part of the id in brackets (empty without a matrix), and the value of each axis."""
        for values in itertools.product(*self.axes.values()):
            text = "-".join(value.text for value in values)
            yield (f"[{text}]" if text else ""), {a: v.node for a, v in zip(self.axes, values, strict=True)}

    def put_in(self, node: Node, values: Mapping[str, Node]) -> Node:
        """The tree with these values in it; what does not change is shared."""
        match node:
            case Scalar():
                return self._scalar(node, values)
            case Items(items=items):
                return Items([self.put_in(item, values) for item in items], node.line, node.column)
            case Entries(entries=entries):
                new = {word: (key, self.put_in(value, values)) for word, (key, value) in entries.items()}
                for key, _ in entries.values():
                    self._check_key(key)
                return Entries(new, node.line, node.column)

    def tell_unused(self, matrix: Node | None) -> None:
        """Note the axes that nothing refers to, and of those that are used in parts the parts."""
        for word, (key, _) in matrix.entries.items() if isinstance(matrix, Entries) and not self.is_broken else ():
            in_parts = any(name.startswith(f"{word}.") for name in self._used)
            if word not in self._used and not in_parts:
                advice = f'write "${{{word}}}" where its values belong, or take it out'
                self.problems.add(key, f"matrix: nothing uses {word!r}; {advice}")
            elif word not in self._used:
                self._tell_unused_parts(word)

    def _tell_unused_parts(self, word: str) -> None:
        for value in self.axes[word]:
            for part, (key, _) in value.node.entries.items() if isinstance(value.node, Entries) else ():
                if f"{word}.{part}" not in self._used:
                    advice = f'write "${{{word}.{part}}}" where it belongs, or take it out'
                    self.problems.add(key, f"{word}: nothing uses {shown(part)}; {advice}")

    def _scalar(self, node: Scalar, values: Mapping[str, Node]) -> Node:
        if "${" not in node.text:
            return node
        names = _REFERENCE.findall(node.text)
        found = {name: self._found(node, name, values) for name in names}
        there = {name: value for name, value in found.items() if value is not None}
        if len(there) < len(found):
            return node
        self._used.update(names)
        if len(names) == 1 and _REFERENCE.fullmatch(node.text):
            return there[names[0]]
        return self._inside(node, there)

    def _found(self, node: Scalar, name: str, values: Mapping[str, Node]) -> Node | None:
        """The value, or the part of one, that a name stands for; None if there is none, which is noted."""
        axis, dot, part = name.partition(".")
        value = values.get(axis)
        inner = value.get(part) if dot and isinstance(value, Entries) else value
        if value is None and not self.is_broken:
            known = unknown("matrix value", axis, values) if values else "there is no matrix in this file; add one"
            self.problems.add(node, f"{shown('${' + name + '}')} stands for nothing: {known}")
        elif value is not None and (inner is None or (dot and inner is value)):
            words = f"has no part {shown(part)}, and {shown('${' + name + '}')} is used; add it"
            self.problems.add(value, f"{axis}: this value {words}, as in {{name: slow, value: {{{part}: ...}}}}")
            inner = None
        if inner is None:
            self.problems.close(node)
        return inner

    def _inside(self, node: Scalar, values: Mapping[str, Node]) -> Node:
        texts: dict[str, str] = {}
        for name, value in values.items():
            if not isinstance(value, Scalar) or len(value.text) > MOST_LETTERS:
                words = (
                    f"the matrix value {name!r} is no short text, so it cannot stand inside of one; let it stand alone"
                )
                self.problems.add(node, words)
                self.problems.close(node)
                return node
            texts[name] = value.text
        return Scalar(_REFERENCE.sub(lambda m: texts[m[1]], node.text), False, node.line, node.column)

    def _check_key(self, key: Scalar) -> None:
        names = _REFERENCE.findall(key.text)
        if names:
            self._used.update(names)
            words = f"{shown(key.text)} cannot be a key; give the whole {{word: {{settings}}}} as a matrix value"
            self.problems.add(key, words)
            self.problems.close(key)


def matrix_of(node: Node | None, problems: Problems) -> Matrix:
    """The matrix that a file has under `matrix`; without one it has a single combination."""
    if node is None:
        return Matrix({}, problems)
    before = len(problems)
    axes = _axes(node, problems)
    broken = len(problems) > before
    return Matrix({} if broken else axes, problems, broken)


def _axes(node: Node, problems: Problems) -> dict[str, tuple[Value, ...]]:
    if not isinstance(node, Entries) or not node.entries:
        problems.add(node, f"matrix: {_lacking(node)} stands here; write a mapping, as in {{fault: [hang, reset]}}")
        return {}
    axes: dict[str, tuple[Value, ...]] = {}
    for word, (key, values) in node.entries.items():
        if not re.fullmatch(_AXIS, word):
            problems.add(key, f"matrix: {shown(word)} does not fit; write a word of letters, digits and _, as in fault")
        elif not isinstance(values, Items) or not values.items:
            problems.add(values, f"{word}: {_lacking(values)} stands here; write a list of values, as in [a, b]")
        else:
            axes[word] = _values(word, values, problems)
    combinations = 1
    for axis in axes.values():
        combinations *= len(axis)
    if combinations > MOST_COMBINATIONS:
        problems.add(
            node, f"matrix: {combinations} combinations; at most {MOST_COMBINATIONS} are played, make it smaller"
        )
    return axes


def _lacking(node: Node) -> str:
    is_empty = (isinstance(node, Entries) and not node.entries) or (isinstance(node, Items) and not node.items)
    return "nothing" if is_empty else name_of(node)


def _values(axis: str, items: Items, problems: Problems) -> tuple[Value, ...]:
    values: list[Value] = []
    for item in items.items:
        value = _value(item)
        if any(_REFERENCE.search(scalar.text) for scalar in scalars(item)):
            problems.add(item, f"{axis}: a matrix value cannot refer to another one; write it out")
        elif value is None or not _TYPABLE.fullmatch(value.text):
            problems.add(item, f"{axis}: no id can be made of this; name it, as in {{name: slow, value: ...}}")
        elif value.text in (other.text for other in values):
            words = f"{axis}: {shown(value.text)} stands here twice, so ids would be the same"
            problems.add(item, f"{words}; name it, as in {{name: {value.text[:20]}-2, value: ...}}")
        else:
            values.append(value)
    return tuple(values)


def _value(item: Node) -> Value | None:
    if isinstance(item, Scalar):
        return Value(item.text, item)
    if not isinstance(item, Entries):
        return None
    if set(item.entries) == {"name", "value"}:
        name, value = item.entries["name"][1], item.entries["value"][1]
        return Value(name.text, value) if isinstance(name, Scalar) else None
    if len(item.entries) == 1:
        return Value(next(iter(item.entries)), item)
    return None

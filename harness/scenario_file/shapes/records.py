"""Records: mappings with known keys, each of a kind of its own, that become dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.scenario_file.kinds import WRONG, Kind, Reading, Schema, Wrong
from harness.scenario_file.nodes import Entries, Node, Scalar, name_of
from harness.scenario_file.problems import unknown


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record."""

    attribute: str
    kind: Kind
    says: str
    required: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping that becomes a dataclass."""

    cls: type[Any]
    fields: Mapping[str, Field]
    one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of keys of which exactly one has to be there."""
    partial: bool = False
    """Whether it is made without what is wrong in it, so that the rest can be looked at, too."""

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """The dataclass."""
        return self.read_at(node, reading, what, node)

    def read_at(self, node: Node, reading: Reading, what: str, at: Node) -> object:
        """As `read`; what concerns the whole is told at the word that stands before it."""
        if isinstance(node, Scalar) and node.is_nothing and at is not node:
            node = Entries({}, at.line, at.column)
        if not isinstance(node, Entries):
            example = "{" + ", ".join(f"{word}: ..." for word in list(self.fields)[:2]) + "}"
            return reading.wrong(node, f"{what}: {name_of(node)} stands here; write a mapping, as in {example}")
        before = reading.problems.told
        values = self._values(node, reading, what)
        self._check_keys(node, reading, what, at)
        if reading.problems.told == before:
            return self._make(values, reading, what, at)
        reading.flawed.add(id(node))
        if not self.partial:
            return WRONG
        blank = {f.attribute: None for f in self.fields.values() if f.required}
        return self.cls(**blank, **{k: v for k, v in values.items() if k not in blank})

    def _values(self, node: Entries, reading: Reading, what: str) -> dict[str, object]:
        values: dict[str, object] = {}
        for word, (key, value) in node.entries.items():
            field = self.fields.get(word)
            if field is None:
                reading.problems.add(key, f"{what}: {unknown('word', word, self.fields)}")
                continue
            read = field.kind.read(value, reading, word)
            if not isinstance(read, Wrong):
                values[field.attribute] = read
        return values

    def _check_keys(self, node: Entries, reading: Reading, what: str, at: Node) -> None:
        for word, field in self.fields.items():
            if field.required and word not in node.entries:
                says = f" ({field.says})" if field.says else ""
                reading.problems.add(at, f"{what}: {word!r} is missing; add it{says}")
        for group in self.one_of:
            given = [word for word in group if word in node.entries]
            if not given:
                reading.problems.add(at, f"{what}: one of {', '.join(group)} is missing; add it")
            elif len(given) > 1:
                second = node.entries[given[1]][0]
                reading.problems.add(second, f"{what}: {' and '.join(given)} exclude each other; keep one of them")

    def _make(self, values: dict[str, object], reading: Reading, what: str, at: Node) -> object:
        try:
            made: object = self.cls(**values)
        except ValueError as error:
            return reading.wrong(at, f"{what}: {error}")
        return made

    def schema(self) -> Schema:
        """An object."""
        kind: Schema = {
            "type": "object",
            "description": doc_of(self.cls),
            "properties": {word: _described(field) for word, field in self.fields.items()},
            "additionalProperties": False,
        }
        required = [word for word, field in self.fields.items() if field.required]
        if required:
            kind["required"] = required
        if self.one_of:
            kind["allOf"] = [{"oneOf": [{"required": [word]} for word in group]} for group in self.one_of]
        return kind

    @property
    def first(self) -> str:
        """The key by which a record is told from others."""
        return next(iter(self.fields))

    @property
    def needs_settings(self) -> bool:
        """Whether a word alone is not enough."""
        return any(field.required for field in self.fields.values())


def _described(field: Field) -> Schema:
    return {"description": field.says, **field.kind.schema()} if field.says else field.kind.schema()


def doc_of(cls: type[Any]) -> str:
    """What a dataclass says of itself first, on one line."""
    # Python 3.13 takes a docstring's indentation away, and older ones do not.
    return " ".join((cls.__doc__ or cls.__name__).strip().split("\n\n")[0].split())

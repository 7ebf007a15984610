"""Lists and mappings, of values that are all of one kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.scenario_file.kinds import MATRIX, WRONG, Form, Kind, Reading, Schema
from harness.scenario_file.nodes import Entries, Items, Node, Scalar, name_of
from harness.scenario_file.problems import shown, unknown


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; what is wrong in it is left out."""

    item: Kind
    least: int = 0

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """A tuple of the values."""
        if isinstance(node, Scalar) and node.is_nothing and not self.least:
            return ()
        if not isinstance(node, Items):
            return reading.wrong(node, f"{what}: {name_of(node)} stands here; write a list, as in [a, b]")
        if len(node.items) < self.least:
            return reading.wrong(node, f"{what}: the list is empty; put at least {self.least} into it")
        values = [self.item.read(item, reading, what) for item in node.items]
        if any(value is WRONG for value in values):
            reading.flawed.add(id(node))
        return tuple(value for value in values if value is not WRONG)

    def schema(self) -> Schema:
        """An array."""
        kind: Schema = {"type": "array", "items": self.item.schema()}
        return {"anyOf": [{**kind, "minItems": self.least} if self.least else kind, MATRIX, *self._nothing()]}

    def _nothing(self) -> list[Schema]:
        return [] if self.least else [{"type": "null"}]


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping with free keys, or with `known` ones."""

    value: Kind
    key: Form | None = None
    known: tuple[str, ...] | None = None
    noun: str = "key"

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """A dictionary."""
        if isinstance(node, Scalar) and node.is_nothing:
            return {}
        if not isinstance(node, Entries):
            return reading.wrong(node, f"{what}: {name_of(node)} stands here; write a mapping, as in {{key: value}}")
        good = [self._good(key, reading, what) for key, _ in node.entries.values()]
        values = {name: self.value.read(value, reading, name) for name, (_, value) in node.entries.items()}
        return values if all(good) and WRONG not in values.values() else WRONG

    def _good(self, key: Scalar, reading: Reading, what: str) -> bool:
        if self.known is not None and key.text not in self.known:
            reading.problems.add(key, f"{what}: {unknown(self.noun, key.text, self.known)}")
        elif self.key is not None and not re.fullmatch(self.key.pattern, key.text):
            reading.problems.add(key, f"{what}: {shown(key.text)} does not fit; write {self.key.noun}")
        else:
            return True
        return False

    def schema(self) -> Schema:
        """An object."""
        kind: Schema = {"type": ["object", "null"], "additionalProperties": self.value.schema()}
        if self.known is not None:
            kind["propertyNames"] = {"enum": list(self.known)}
        elif self.key is not None:
            kind["propertyNames"] = {"pattern": self.key.pattern}
        return kind

"""A value or none; one of several kinds."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario_file.kinds import Kind, OfText, Reading, Schema
from harness.scenario_file.nodes import Entries, Node, Scalar, name_of
from harness.scenario_file.problems import unknown
from harness.scenario_file.shapes.records import Record

NONE = "none"
"""How a scenario writes that there is none of something optional."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something or, written as `none`, nothing."""

    kind: Kind

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """None or the value."""
        if isinstance(node, Scalar) and node.text == NONE:
            return None
        return self.kind.read(node, reading, what)

    def schema(self) -> Schema:
        """Either."""
        return {"anyOf": [self.kind.schema(), {"const": NONE}]}


@dataclass(frozen=True, slots=True)
class Either:
    """One of several kinds: a text is told from a mapping, and one mapping from another by its first key."""

    texts: tuple[OfText, ...]
    records: tuple[Record, ...]

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """The value of the kind that fits."""
        if isinstance(node, Entries) and self.records:
            return self._record(node, reading, what)
        if isinstance(node, Scalar) and self.texts and not node.is_nothing:
            return self._text(node, reading, what)
        texts = [text.noun() for text in self.texts]
        mappings = [f"{{{record.first}: ...}}" for record in self.records]
        return reading.wrong(node, f"{what}: {name_of(node)} stands here; write {' or '.join([*texts, *mappings])}")

    def _record(self, node: Entries, reading: Reading, what: str) -> object:
        firsts = [record.first for record in self.records]
        found = [record for record in self.records if record.first in node.entries]
        if len(found) == 1:
            return found[0].read(node, reading, what)
        if len(found) > 1:
            second = node.entries[found[1].first][0]
            given = " and ".join(record.first for record in found)
            return reading.wrong(second, f"{what}: {given} exclude each other; keep one of them")
        for key, _ in node.entries.values():
            if not any(key.text in record.fields for record in self.records):
                return reading.wrong(key, f"{what}: {unknown('word', key.text, firsts)}")
        return reading.wrong(node, f"{what}: one of {', '.join(firsts)} is missing; add it")

    def _text(self, node: Scalar, reading: Reading, what: str) -> object:
        # A number is meant as the quantity, which comes last; anything else as one of the words, which come first.
        is_number = node.text[:1] in "+-.0123456789"
        errors: list[str] = []
        for kind in reversed(self.texts) if is_number else self.texts:
            try:
                return kind.from_text(node.text)
            except ValueError as error:
                errors.append(str(error))
        others = [*(kind.noun() for kind in self.texts[1:]), *(f"{{{r.first}: ...}}" for r in self.records)]
        words = errors[0] if is_number else f"{errors[0]} (or write {' or '.join(others)})"
        return reading.wrong(node, f"{what}: {words}")

    def schema(self) -> Schema:
        """Any of them."""
        return {"anyOf": [*(text.schema() for text in self.texts), *(record.schema() for record in self.records)]}

"""Words of a family, such as the faults, each with the settings that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.scenario_file.kinds import MATRIX, WRONG, Kind, Reading, Schema, a
from harness.scenario_file.nodes import Entries, Node, Scalar, name_of
from harness.scenario_file.problems import shown, unknown
from harness.scenario_file.shapes.records import Record, doc_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """A word of a family, with its settings as the dataclass (or mapping) that the family has for it."""

    word: str
    settings: object


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a family, alone or with its settings: ``hang`` or ``{drip: {rate: 20B/s}}``."""

    family: str

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """A `Chosen`."""
        noun = reading.families[self.family].noun
        if isinstance(node, Scalar) and not node.is_nothing:
            return self._chosen(node, node, reading, what)
        if isinstance(node, Entries) and len(node.entries) == 1:
            key, settings = next(iter(node.entries.values()))
            return self._chosen(key, settings, reading, what)
        if isinstance(node, Entries) and len(node.entries) > 1:
            second = list(node.entries.values())[1][0]
            advice = f"one {noun} alone may stand here; indent its settings below it, or use a second entry"
            return reading.wrong(second, f"{what}: {shown(second.text)} is one word too many: {advice}")
        return reading.wrong(
            node, f"{what}: {name_of(node)} stands here; write {noun} or {{{noun}: {{setting: value}}}}"
        )

    def _chosen(self, key: Scalar, node: Node, reading: Reading, what: str) -> object:
        family = reading.families[self.family]
        kind = family.words.get(key.text)
        if kind is None:
            return reading.wrong(key, f"{what}: {self._unknown(key.text, reading)}")
        none = Scalar("", True, key.line, key.column)
        settings = none if node is key else node
        if isinstance(kind, Record):
            value = kind.read_at(settings, reading, key.text, key)
        else:
            value = kind.read(settings, reading, key.text)
        return value if value is WRONG else Chosen(key.text, value)

    def _unknown(self, word: str, reading: Reading) -> str:
        family = reading.families[self.family]
        elsewhere = next((f.noun for f in reading.families.values() if word in f.words), None)
        if elsewhere is None:
            return unknown(family.noun, word, family.words)
        advice = f"write it where one belongs, or use one of {', '.join(family.words)}"
        return f"{word!r} is no {family.noun} but the name of {a(elsewhere)}; {advice}"

    def schema(self) -> Schema:
        """The family's words, which stand once in the schema."""
        return {"$ref": f"#/definitions/{self.family}"}


def word_schema(words: Mapping[str, Kind]) -> Schema:
    """What `Word` takes, for the schema's definitions."""
    alone = [{"const": w, **_about(k)} for w, k in words.items() if not (isinstance(k, Record) and k.needs_settings)]
    settings = {word: {"anyOf": [kind.schema(), *_may_be_nothing(kind)]} for word, kind in words.items()}
    described = {word: {**_about(kind), **settings[word]} for word, kind in words.items()}
    with_settings: Schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": described,
        "additionalProperties": False,
    }
    return {"anyOf": [*([{"oneOf": alone}] if alone else []), with_settings, MATRIX]}


def _about(kind: Kind) -> Schema:
    return {"description": doc_of(kind.cls)} if isinstance(kind, Record) else {}


def _may_be_nothing(kind: Kind) -> list[Schema]:
    return [] if isinstance(kind, Record) and kind.needs_settings else [{"type": "null"}]

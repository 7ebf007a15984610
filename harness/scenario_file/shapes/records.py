"""Lists, mappings and records; and how an annotation becomes a kind.

A frozen dataclass is a record: its fields are the keys (a trailing underscore is dropped, so that `for_` is `for`),
its annotations say what each value is, its defaults say what may be left out, its docstring and `Says` are for people.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from harness.core.patterns import RequestPattern
from harness.core.values import Bounds, Says, Unit
from harness.scenario_file.kinds import (
    MATRIX_VALUE,
    WRONG,
    AnyOf,
    Choice,
    Flag,
    Form,
    Kind,
    Name,
    Number,
    OfText,
    Quantity,
    Reading,
    Regex,
    Request,
    Schema,
    Text,
    Wrong,
    a,
)
from harness.scenario_file.nodes import Entries, Items, Node, Scalar, name_of
from harness.scenario_file.problems import shown, unknown

NONE = "none"
"""How a scenario writes that there is none of something optional."""

_MATRIX: Schema = {"type": "string", "pattern": MATRIX_VALUE}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A word of a family, with its settings as the dataclass (or mapping) that the family has for it."""

    word: str
    settings: object


@dataclass(frozen=True, slots=True)
class Least:
    """Marks a list: it has to hold at least so many items."""

    count: int


@dataclass(frozen=True, slots=True)
class Is:
    """Marks a field that has a kind of its own, whatever its type is."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Keys:
    """Marks a mapping: its keys have to be of this form."""

    form: Form


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
        return {"anyOf": [{**kind, "minItems": self.least} if self.least else kind, _MATRIX, *self._nothing()]}

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
            "description": _doc(self.cls),
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


def _doc(cls: type[Any]) -> str:
    # Python 3.13 takes a docstring's indentation away, and older ones do not.
    return " ".join((cls.__doc__ or cls.__name__).strip().split("\n\n")[0].split())


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
    return {"anyOf": [*([{"oneOf": alone}] if alone else []), with_settings, _MATRIX]}


def _about(kind: Kind) -> Schema:
    return {"description": _doc(kind.cls)} if isinstance(kind, Record) else {}


def _may_be_nothing(kind: Kind) -> list[Schema]:
    return [] if isinstance(kind, Record) and kind.needs_settings else [{"type": "null"}]


@functools.cache
def record_of(cls: type[Any]) -> Record:
    """The record that a dataclass describes. `ONE_OF` and `PARTIAL` of the class are heeded."""
    hints = get_type_hints(cls, include_extras=True)
    fields = {
        item.name.rstrip("_"): Field(item.name, kind_of(hints[item.name]), _says(hints[item.name]), _is_required(item))
        for item in dataclasses.fields(cls)
        if item.init and item.metadata.get("in_file", True)
    }
    return Record(cls, fields, getattr(cls, "ONE_OF", ()), getattr(cls, "PARTIAL", False))


def _is_required(item: dataclasses.Field[Any]) -> bool:
    return item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING


def _says(hint: object) -> str:
    return next((m.text for m in getattr(hint, "__metadata__", ()) if isinstance(m, Says)), "")


def kind_of(hint: Any, marks: tuple[object, ...] = ()) -> Kind:
    """The kind that an annotation means.

    Raises:
        TypeError: a dataclass is annotated with something that no scenario can write; a defect of that class.
    """
    if get_origin(hint) is Annotated:
        return kind_of(hint.__origin__, (*hint.__metadata__, *marks))
    if get_origin(hint) in (Union, types.UnionType):
        return _union(get_args(hint), marks)
    if get_origin(hint) is tuple:
        least = next((m.count for m in marks if isinstance(m, Least)), 0)
        return ListOf(kind_of(get_args(hint)[0]), least)
    if get_origin(hint) is typing.get_origin(Mapping[str, str]):
        form = next((m.form for m in marks if isinstance(m, Keys)), None)
        return MapOf(kind_of(get_args(hint)[1]), form)
    return _plain(hint, marks)


def _union(members: tuple[Any, ...], marks: tuple[object, ...]) -> Kind:
    kinds = [kind_of(member, marks) for member in members if member is not type(None)]
    texts = tuple(kind for kind in kinds if isinstance(kind, OfText))
    records = tuple(kind for kind in kinds if isinstance(kind, Record))
    if len(kinds) > 1 and len(texts) + len(records) != len(kinds):
        raise TypeError(f"a union of {members} cannot be told apart in a file")
    one = kinds[0] if len(kinds) == 1 else Either(texts, records)
    # An optional word or record is simply left out; for a value `none` has to be sayable.
    return Maybe(one) if type(None) in members and isinstance(one, OfText) else one


def _plain(hint: Any, marks: tuple[object, ...]) -> Kind:  # noqa: PLR0911 - one line a type
    bounds = next((m for m in marks if isinstance(m, Bounds)), Bounds())
    unit = next((m for m in marks if isinstance(m, Unit)), None)
    family = next((m.family for m in marks if isinstance(m, AnyOf)), None)
    own = next((m.kind for m in marks if isinstance(m, Is)), None)
    if own is not None:
        return own
    if unit is not None:
        return Quantity(unit, hint is int, bounds)
    if hint is Chosen and family:
        return Word(family)
    if hint is str:
        return Name(family) if family else Text(next((m for m in marks if isinstance(m, Form)), None))
    if hint is bool:
        return Flag()
    if hint in (int, float):
        return Number(hint is int, bounds)
    if hint is RequestPattern:
        return Request()
    if hint is re.Pattern or get_origin(hint) is re.Pattern:
        return Regex()
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Choice(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return record_of(hint)
    raise TypeError(f"{hint!r} is no type that a file can hold")

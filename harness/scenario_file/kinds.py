"""What a value can be: each kind reads a node, and says in JSON Schema what it reads.

Both live in one class, so that the editor's schema cannot drift from the loader. This file holds kinds of one text;
`shapes/` holds lists, mappings and records, and makes kinds of annotations.
"""

from __future__ import annotations

import functools
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from harness.core import quantities
from harness.core.patterns import RequestPattern
from harness.core.values import Bounds, Unit
from harness.scenario_file.nodes import Node, Scalar, name_of
from harness.scenario_file.problems import Problems, shown, unknown

Schema = dict[str, object]
"""A piece of JSON Schema, draft 7: the newest that editors' YAML servers know well."""

MATRIX_VALUE = r"\$\{[^{}]*\}"
"""Where a matrix value is to be put in; in a schema it may stand for anything."""

MATRIX: Schema = {"type": "string", "pattern": MATRIX_VALUE}
"""The same, as a schema of its own."""

MOST_REGEX_LETTERS = 1000
MOST_DIGITS = 15
"""More digits than a float can tell apart."""


ANY_NUMBER = Bounds()


class Wrong:
    """Stands for a value that could not be read; the problem has been noted."""


WRONG: Final = Wrong()


@dataclass(frozen=True, slots=True)
class Family:
    """Words of one sort, such as the faults, with the kind of the settings that each takes."""

    noun: str
    words: Mapping[str, Kind]


@dataclass(slots=True)
class Reading:
    """What reading a document needs and leaves: the words that there are, and what was wrong."""

    problems: Problems
    families: Mapping[str, Family]
    flawed: set[int] = field(default_factory=set)
    """`id` of lists and mappings in which something was left out because it was wrong."""

    def wrong(self, at: Node, words: str) -> Wrong:
        """Note a problem; the result stands for the value."""
        self.problems.add(at, words)
        return WRONG

    def is_flawed(self, node: Node) -> bool:
        """Whether something in this list or mapping itself was wrong, so that what was read of it is not all."""
        return id(node) in self.flawed


class Kind(Protocol):
    """What a value can be."""

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """The value, or `WRONG` after its problem was noted. `what` is the name of the place, for messages."""
        ...

    def schema(self) -> Schema:
        """The same in JSON Schema."""
        ...


class OfText(ABC):
    """Base of kinds that are written as one text."""

    __slots__ = ()

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """The value, or `WRONG`."""
        if not isinstance(node, Scalar) or node.is_nothing:
            return reading.wrong(node, f"{what}: {name_of(node)} stands here; write {self.noun()}")
        try:
            return self.from_text(node.text)
        except ValueError as error:
            return reading.wrong(node, f"{what}: {error}")

    @abstractmethod
    def noun(self) -> str:
        """What has to be written, for messages."""

    @abstractmethod
    def from_text(self, text: str) -> object:
        """The value.

        Raises:
            ValueError: says what is wrong and what to write.
        """

    @abstractmethod
    def schema(self) -> Schema:
        """The same in JSON Schema."""


@dataclass(frozen=True, slots=True)
class Form:
    """Marks a text field: it has to match this regular expression, anchored at both ends."""

    pattern: str
    noun: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Marks a text or `Chosen` field: it is a word of this family of the vocabulary."""

    family: str


@dataclass(frozen=True, slots=True)
class Text(OfText):
    """Any text, or one of a form."""

    form: Form | None = None

    def noun(self) -> str:
        """What has to be written."""
        return self.form.noun if self.form else "a text"

    def from_text(self, text: str) -> str:
        """The text itself."""
        if self.form and not re.fullmatch(self.form.pattern, text):
            raise ValueError(f"{shown(text)} does not fit; write {self.form.noun}")
        return text

    def schema(self) -> Schema:
        """An editor takes ``5`` and ``true`` for a number and a truth value; here they are texts like any other."""
        form = {"pattern": f"{self.form.pattern}|{MATRIX_VALUE}"} if self.form else {}
        return {"type": ["string", "number", "boolean"], **form}


@dataclass(frozen=True, slots=True)
class Flag(OfText):
    """Yes or no."""

    def noun(self) -> str:
        """What has to be written."""
        return "true or false"

    def from_text(self, text: str) -> bool:
        """The truth value; there is one way to write each."""
        if text not in ("true", "false"):
            raise ValueError(f"{shown(text)} is neither yes nor no in this language; write true or false")
        return text == "true"

    def schema(self) -> Schema:
        """A boolean."""
        return {"anyOf": [{"type": "boolean"}, {"pattern": f"^(true|false)$|{MATRIX_VALUE}", "type": "string"}]}


@dataclass(frozen=True, slots=True)
class Number(OfText):
    """A number without a unit: a count, or any number if it need not be whole."""

    whole: bool
    bounds: Bounds = ANY_NUMBER

    def noun(self) -> str:
        """What has to be written."""
        limits = _bounds_text(self.bounds)
        return f"a {'whole ' if self.whole else ''}number{' of' if limits else ''}{limits}"

    def from_text(self, text: str) -> int | float:
        """The number."""
        form = r"-?[0-9]+" if self.whole else r"-?[0-9]+(\.[0-9]+)?"
        if len(text) > MOST_DIGITS or not re.fullmatch(form, text):
            raise ValueError(f"{shown(text)} does not fit; write {self.noun()}")
        value = int(text) if self.whole else float(text)
        _check_bounds(value, text, self.bounds)
        return value

    def schema(self) -> Schema:
        """A number; in quotes it is one as well."""
        limits = {"minimum": self.bounds.least, "maximum": self.bounds.most}
        given = {key: _tidy(limit) for key, limit in limits.items() if limit is not None}
        kind = {"type": "integer" if self.whole else "number", **given}
        return {"anyOf": [kind, {"type": "string", "pattern": rf"^-?[0-9]+(\.[0-9]+)?$|{MATRIX_VALUE}"}]}


@dataclass(frozen=True, slots=True)
class Quantity(OfText):
    """A number with a unit."""

    unit: Unit
    whole: bool
    bounds: Bounds = ANY_NUMBER

    def noun(self) -> str:
        """What has to be written."""
        return f"a {self.unit.value} such as {quantities.EXAMPLES[self.unit]}"

    def from_text(self, text: str) -> int | float:
        """Seconds, bytes or bytes a second."""
        value = quantities.parse(text, self.unit)
        _check_bounds(value, text, self.bounds, _BASE[self.unit])
        if not self.whole:
            return value
        if value != int(value):
            raise ValueError(f"{text!r} is not a whole number of bytes; round it")
        return int(value)

    def schema(self) -> Schema:
        """A text with a unit."""
        return {"type": "string", "pattern": f"{quantities.pattern(self.unit)}|{MATRIX_VALUE}"}


@dataclass(frozen=True, slots=True)
class Choice(OfText):
    """One of the words of an enumeration."""

    words: type[StrEnum]

    def noun(self) -> str:
        """What has to be written."""
        return _one_of([member.value for member in self.words])

    def from_text(self, text: str) -> StrEnum:
        """The member."""
        try:
            return self.words(text)
        except ValueError:
            raise ValueError(unknown("word", text, [member.value for member in self.words])) from None

    def schema(self) -> Schema:
        """An enumeration."""
        words = [member.value for member in self.words]
        return {"anyOf": [{"enum": words}, MATRIX]}


@dataclass(frozen=True, slots=True)
class Request(OfText):
    """A method and a path template."""

    def noun(self) -> str:
        """What has to be written."""
        return 'a method and a path template such as "GET /api/cpcs/*"'

    def from_text(self, text: str) -> RequestPattern:
        """The pattern."""
        return RequestPattern.parse(text)

    def schema(self) -> Schema:
        """A text of that form."""
        return {"type": "string", "pattern": rf"^\s*([*A-Z]+\s+)?(/\S*|\*\*)\s*$|{MATRIX_VALUE}"}


@dataclass(frozen=True, slots=True)
class Regex(OfText):
    """A regular expression of Python's."""

    def noun(self) -> str:
        """What has to be written."""
        return "a regular expression"

    def from_text(self, text: str) -> re.Pattern[str]:
        """The compiled expression."""
        return _compiled(text)

    def schema(self) -> Schema:
        """Any text: an editor's regular expressions are not Python's."""
        return {"type": ["string", "number", "boolean"]}


@functools.lru_cache(maxsize=1024)
def _compiled(text: str) -> re.Pattern[str]:
    if len(text) > MOST_REGEX_LETTERS:
        raise ValueError(f"the regular expression is longer than {MOST_REGEX_LETTERS} letters; make it shorter")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "possible nested set": Python may read it differently one day
            return re.compile(text)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise ValueError(f"{shown(text)} is not a regular expression: {error}; mend it") from None


@dataclass(frozen=True, slots=True)
class Name:
    """A word of a family that takes no settings here."""

    family: str

    def read(self, node: Node, reading: Reading, what: str) -> object:
        """The name."""
        family = reading.families[self.family]
        if not isinstance(node, Scalar) or node.is_nothing:
            return reading.wrong(node, f"{what}: {name_of(node)} stands here; write the name of {a(family.noun)}")
        if node.text not in family.words:
            return reading.wrong(node, f"{what}: {unknown(family.noun, node.text, family.words)}")
        return node.text

    def schema(self) -> Schema:
        """The family's names, which stand once in the schema."""
        return {"anyOf": [{"$ref": f"#/definitions/{self.family}_names"}, MATRIX]}


_BASE = {Unit.DURATION: "s", Unit.SIZE: "B", Unit.RATE: "B/s"}
"""The unit in which bounds are given."""


def _check_bounds(value: float, text: str, bounds: Bounds, unit: str = "") -> None:
    too_small = bounds.least is not None and value < bounds.least
    if too_small or (bounds.most is not None and value > bounds.most):
        raise ValueError(
            f"{text!r} is too {'small' if too_small else 'large'}; it has to be{_bounds_text(bounds, unit)}"
        )


def _bounds_text(bounds: Bounds, unit: str = "") -> str:
    least = "" if bounds.least is None else f" at least {_tidy(bounds.least)}{unit}"
    most = "" if bounds.most is None else f" at most {_tidy(bounds.most)}{unit}"
    return f"{least}{' and' if least and most else ''}{most}"


def _tidy(limit: float) -> float:
    return int(limit) if limit == int(limit) else limit


def _one_of(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def a(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"

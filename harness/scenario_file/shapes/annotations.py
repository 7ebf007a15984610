"""How an annotation becomes a kind, and a dataclass a record."""

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
    AnyOf,
    Choice,
    Flag,
    Form,
    Kind,
    Name,
    Number,
    OfText,
    Quantity,
    Regex,
    Request,
    Text,
)
from harness.scenario_file.shapes.alternatives import Either, Maybe
from harness.scenario_file.shapes.lists import ListOf, MapOf
from harness.scenario_file.shapes.records import Field, Record
from harness.scenario_file.shapes.words import Chosen, Word


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

"""A fault as a scenario would write it, so that a fingerprint's trial is one that can be stored and judged again."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import get_type_hints

from harness.core import quantities
from harness.core.values import Unit
from harness.core.vocabulary import Action, Composition
from harness.faults import FAULTS

_WORDS = {cls: word for word, cls in FAULTS.items()}


def words_of(fault: Action | Composition) -> dict[str, dict[str, str]]:
    """The fault's word with each of its settings that is not what it is by default."""
    cls = type(fault)
    hints = get_type_hints(cls, include_extras=True)
    settings = {
        item.name: _text(getattr(fault, item.name), hints[item.name])
        for item in dataclasses.fields(cls)  # type: ignore[arg-type]  # each fault is a dataclass
        if getattr(fault, item.name) != item.default
    }
    return {_WORDS[cls]: settings}


def _text(value: object, hint: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    unit = _unit(hint)
    return quantities.written(value, unit) if unit is not None and isinstance(value, int | float) else str(value)


def _unit(hint: object) -> Unit | None:
    """The unit among an annotation's marks; an optional number has it one level further in."""
    marks = (*getattr(hint, "__metadata__", ()), *getattr(hint, "__args__", ()), getattr(hint, "__origin__", None))
    for mark in marks:
        if isinstance(mark, Unit):
            return mark
        if mark is not None and (hasattr(mark, "__metadata__") or hasattr(mark, "__args__")):
            found = _unit(mark)
            if found is not None:
                return found
    return None

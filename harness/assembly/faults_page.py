"""Writes docs/faults.md: a page of every fault and change, made of what they say of themselves.

`python -m harness.assembly.faults_page` writes it anew; a test says when that is due.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

from harness.assembly.project import (
    ENGINES,
    LIMITS,
)
from harness.core import quantities
from harness.core.commands import Command
from harness.core.patterns import ANY_REQUEST
from harness.core.values import Unit
from harness.core.vocabulary import KnowsAlternate, Part
from harness.faults import CHANGES, FAULTS
from harness.scenario_file.kinds import Kind, Quantity
from harness.scenario_file.shapes import NONE, Field, Maybe, record_of

PAGE = Path(__file__).resolve().parents[2] / "docs/faults.md"

HEAD = """# Faults and changes

Made by `make schema` out of the code; do not edit. How to use them: [Write a scenario](write-a-scenario.md). What the
engines can do, and where they differ: [Engines](engines.md). To add one: [Add a fault](add-a-fault.md).

- **Command**: what an engine is told, with the defaults of its settings, or an example where there is none.
- **Healing**: what becomes of what it touched, and of what comes then. It heals on every way out of a trial.
- **Witness**: what in a history proves that it touched traffic; without any the trial is UNKNOWN. On Toxiproxy, which
  tells nothing, two relays that only look on see what went in to it and what came out of it.

A composition's phases are faults and changes of this page, with their own healing and witness; each fault among them
needs one. A change is a fact on the HMC that nothing heals, and needs no witness.
"""

EXAMPLES: Mapping[str, Any] = {
    "delay": 1.0, "time": 1.0, "rate": 1000.0, "down": 1.0, "up": 1.0, "connections": 1, "status": 503,
    "match": ANY_REQUEST, "partition": "part-1", "nic": "nic-1", "mac": "fa:16:3e:00:00:03",
    "text": "Somebody was here", "PartitionStatus.status": "degraded",
}  # fmt: skip
"""Values for settings that have no default, by which a word can be asked what it yields."""


REACH = ("match", "channel", "address", "connection")
"""Fields of a command that say whom it reaches; a scenario says so with the fault."""

SUFFIXES: Mapping[str, Unit] = {"bytes_per_s": Unit.RATE, "_bytes": Unit.SIZE, "_s": Unit.DURATION}
"""How the names of fields end that hold a quantity."""


def page() -> str:
    """The whole page."""
    sections = [HEAD]
    for title, words in (("Faults", FAULTS), ("Changes", CHANGES)):
        sections.append(f"# {title}\n")
        sections += ["\n".join(_section(word, cls)) for word, cls in words.items()]
    return "\n".join(sections).rstrip() + "\n"


def _section(word: str, cls: type) -> Iterator[str]:
    yield f"## `{word}`\n"
    yield f"{_text(cls)}\n"
    record = record_of(cls)
    if record.fields:
        yield "| setting | by default | meaning |\n|---|---|---|"
        for name, field in record.fields.items():
            yield f"| `{name}` | {_default(field, cls)} | {field.says} |"
        yield ""
    if hasattr(cls, "parts"):
        yield from _parts(cls)
        return
    yield from _how(_example(cls).command())
    if cls in FAULTS.values():
        yield from _proof(cls)
    yield ""


def _how(command: Command) -> Iterator[str]:
    able = [name for name, commands in ENGINES.items() if type(command) in commands]
    limited = [name for name in able if name in LIMITS]
    settings = ", ".join(_told(command))
    yield f"- Command: `{type(command).__name__}`" + (f" ({settings})" if settings else "")
    shown = [f"{name} (not in every form)" if name in limited else name for name in able]
    yield f"- Carried out by: {', '.join(shown)}"


def _told(command: Command) -> Iterator[str]:
    """What the command says beside whom it reaches."""
    for item in dataclasses.fields(command):
        value = getattr(command, item.name)
        if item.name in REACH or value in (None, ""):
            continue
        suffix = next((suffix for suffix in SUFFIXES if item.name.endswith(suffix)), "")
        name, unit = item.name.removesuffix(suffix), SUFFIXES.get(suffix)
        text = quantities.written(value, unit) if unit else str(value).lower() if isinstance(value, bool) else value
        yield f"{name or 'rate'}: {text}"


def _proof(cls: Any) -> Iterator[str]:
    yield f"- Healing: {cls.healing}"
    yield f"- Witness: {cls.witness}."


def _parts(cls: type) -> Iterator[str]:
    yield "A composition, whose steps are named after it:\n"
    made = _example(cls)
    yield from map(_part, made.parts())
    yield ""
    if isinstance(made, KnowsAlternate):
        yield "For an agent that is told an alternate HMC:\n"
        yield from map(_part, made.parts_with_alternate())
        yield ""


def _part(part: Part) -> str:
    lasts = "stays" if part.lasts_s is None else f"lasts {part.lasts_s:g} s"
    return f"- `{part.name}`: {_word(part.action)}, after {part.at_s:g} s, {lasts}"


def _word(action: object) -> str:
    words = {cls: word for word, cls in {**FAULTS, **CHANGES}.items()}
    return f"`{words[type(action)]}`"  # type: ignore[index]  # an action is an object of one of these classes


def _example(cls: type) -> Any:
    hints = get_type_hints(cls)
    needed = [field.attribute for field in record_of(cls).fields.values() if field.required]
    return cls(**{name: _value(cls, name, hints[name]) for name in needed})


def _value(cls: type, name: str, hint: object) -> object:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    found = EXAMPLES.get(f"{cls.__name__}.{name}", EXAMPLES.get(name))
    if found is None:
        raise LookupError(f"{cls.__name__}: write a value for {name} into EXAMPLES in {__name__}")
    return found


def _text(cls: type) -> str:
    return " ".join((inspect.getdoc(cls) or "").split())


def _default(field: Field, cls: type) -> str:
    if field.required:
        return "required"
    value = next(item.default for item in dataclasses.fields(cls) if item.name == field.attribute)
    return f"`{as_typed(value, field.kind)}`"


def as_typed(value: object, kind: Kind) -> str:
    """A setting's value as a scenario has to have it."""
    if value is None or isinstance(value, bool):
        return {None: NONE, True: "true", False: "false"}[value]
    inner = kind.kind if isinstance(kind, Maybe) else kind
    if isinstance(inner, Quantity) and isinstance(value, int | float):
        return quantities.written(value, inner.unit)
    return str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

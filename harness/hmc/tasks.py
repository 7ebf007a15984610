"""Finds what a request needs in the table of tasks, and decides whether somebody's tasks are enough for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from harness.hmc.task_table import BY_FIELD, ENOUGH_TO_VIEW, FREE, TASKS

NOBODY = ""
"""What nobody has."""


def normal(name: str) -> str:
    """A task's name as its element id has it: consoles differ in capitals, dashes and spaces."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def enough(need: str, tasks: Iterable[str]) -> bool:
    """Whether these tasks (their `normal` names) are what is needed, in the table's words."""
    have = set(tasks)
    return need != NOBODY and any(all(normal(one) in have for one in both.split("&")) for both in need.split("|"))


def needs(method: str, path: str, body: object) -> Iterator[str]:
    """What a request needs, in the table's words: all of it. Nothing for what anybody may do."""
    found = _find(method, path)
    if found is None:
        if method != "GET":
            yield NOBODY
        return
    template, need = found
    if need is not None:
        yield need
    for where, pattern, more in BY_FIELD:
        if where == template and isinstance(body, Mapping) and any(re.fullmatch(pattern, name) for name in body):
            yield more


def is_enough_to_view(method: str, path: str) -> bool:
    """Whether one who may only view what a task is about may do this."""
    found = _find(method, path)
    return method == "GET" or (found is not None and found[0] in ENOUGH_TO_VIEW)


def need_of(method: str, template: str) -> str | None:
    """What an operation needs, whatever is in its request; None if no task."""
    found = _find(method, template)
    return found[1] if found else None


def is_known(method: str, template: str) -> bool:
    """Whether the table says anything about an operation."""
    return _find(method, template) is not None


def _find(method: str, path: str) -> tuple[str, str | None] | None:
    parts = path.split("/")
    for template, segments, need in _BY_SHAPE.get((method, len(parts), "/".join(parts[:3])), ()):
        if all(segment in ("*", part) for segment, part in zip(segments, parts, strict=True)):
            return template, need
    return None


def _by_shape() -> dict[tuple[str, int, str], list[tuple[str, list[str], str | None]]]:
    index: dict[tuple[str, int, str], list[tuple[str, list[str], str | None]]] = {}
    rows: list[tuple[str, str | None]] = [(template, need) for need, some in TASKS.items() for template in some]
    for template, need in [*rows, *((template, None) for template in FREE)]:
        method, path = template.split(" ")
        segments = path.split("/")
        index.setdefault((method, len(segments), "/".join(segments[:3])), []).append((template, segments, need))
    return index


_BY_SHAPE = _by_shape()

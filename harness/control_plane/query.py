"""Neutron's list filters: `?host=a&host=b` means a or b; different names must all fit; `fields` picks what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

View = Mapping[str, object]
"""A resource as the API shows it."""


def select(views: Iterable[View], query: Sequence[tuple[str, str]], known: Iterable[str]) -> list[dict[str, object]]:
    """The views that fit the query string's pairs, reduced to the wished fields.

    Raises:
        ValueError: a pair names an attribute that is not among the known ones.
    """
    names = frozenset(known)
    wanted: dict[str, list[str]] = {}
    fields: list[str] = []
    for key, value in query:
        _require_known(value if key == "fields" else key, names)
        (fields if key == "fields" else wanted.setdefault(key, [])).append(value)
    fitting = (view for view in views if all(_fits(view.get(key), values) for key, values in wanted.items()))
    return [pick(view, fields) for view in fitting]


def pick(view: View, fields: Sequence[str]) -> dict[str, object]:
    """Only these fields of a view, in its own order; all of them where none is named."""
    return {key: value for key, value in view.items() if not fields or key in fields}


def _require_known(name: str, names: frozenset[str]) -> None:
    if name not in names:
        raise ValueError(f"{name!r} is no attribute to filter by or to show; use one of {', '.join(sorted(names))}")


def _fits(value: object, wanted: list[str]) -> bool:
    if isinstance(value, bool):
        return any(text.lower() in (("true", "1") if value else ("false", "0")) for text in wanted)
    return ("" if value is None else str(value)) in wanted

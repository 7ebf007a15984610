"""Neutron's list filters: `?host=a&host=b` means a or b; different names must all fit; `fields` picks what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

View = Mapping[str, object]
"""A resource as the API shows it."""


_TRUE, _FALSE = frozenset({"1", "t", "true", "on", "y", "yes"}), frozenset({"0", "f", "false", "off", "n", "no"})
"""What Neutron takes for a boolean, in any case."""


class NotBoolean(ValueError):
    """A text that is to be compared with a boolean is none."""


def select(views: Iterable[View], query: Sequence[tuple[str, str]], filters: Iterable[str]) -> list[dict[str, object]]:
    """The views that fit the query string's pairs, reduced to the wished fields.

    Raises:
        ValueError: a pair names an attribute that is not among those to filter by.
        NotBoolean: a pair compares a boolean with something else.
    """
    names = frozenset(filters)
    wanted: dict[str, list[str]] = {}
    fields: list[str] = []
    for key, value in query:
        (fields if key == "fields" else wanted.setdefault(key, [])).append(value)
    for key in wanted:
        _require_known(key, names)
    fitting = (view for view in views if all(_fits(key, view.get(key), values) for key, values in wanted.items()))
    return [pick(view, fields) for view in fitting]


def pick(view: View, fields: Sequence[str]) -> dict[str, object]:
    """Only these fields of a view, in its own order; all of them where none is named. Unknown ones are not shown."""
    return {key: value for key, value in view.items() if not fields or key in fields}


def _require_known(name: str, names: frozenset[str]) -> None:
    if name not in names:
        raise ValueError(f"{name!r} is no attribute to filter by; use one of {', '.join(sorted(names))}")


def _fits(key: str, value: object, wanted: list[str]) -> bool:
    if isinstance(value, bool):
        return value in [_boolean(text) for text in wanted]
    if key == "mac_address":
        wanted = [text.lower().replace("-", ":") for text in wanted]
    return value is not None and str(value) in wanted


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise NotBoolean(f"{text!r} is neither true nor false")
    return word in _TRUE

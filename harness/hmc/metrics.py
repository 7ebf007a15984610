"""Metric values that change: the mock model only knows those that its inventory began with; whose a context is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from zhmcclient.mock._hmc import FakedMetricObjectValues  # not exported by the mock's __init__

from harness.errors import BadInput

EMPTY = {"string-metric": "", "boolean-metric": False, "double-metric": 0.0}
"""What a metric has that nobody set, by type; all other types are whole numbers."""


_OBJECT = re.compile(r'^"(/[^"\n]*)"\n\d+\n(?:[^\n]+\n)+\n', re.MULTILINE)
"""One object in the text of Get Metrics: its URI, a time, rows of values, an empty line."""


def set_owner(context: Any, session_id: str) -> None:
    """A metrics context belongs to this session."""
    context.session_id = session_id  # no property: nobody is shown it


def owner_of(context: Any) -> str | None:
    """The id of the session that a metrics context belongs to; None for one of the inventory, which is everybody's."""
    owner: str | None = getattr(context, "session_id", None)
    return owner


def end_contexts(hmc: Any, session_id: str) -> None:
    """A session has ended, and its metrics contexts with it."""
    for context in hmc.metrics_contexts.list():
        if owner_of(context) == session_id:
            hmc.metrics_contexts.remove(context.oid)


def only_seen(text: str, sees: Callable[[str], bool]) -> str:
    """An answer to Get Metrics without the objects that somebody does not see."""
    return _OBJECT.sub(lambda found: found[0] if sees(found[1]) else "", text)


def set_metrics(hmc: Any, group: str, resource_uri: str, values: dict[str, Any], now_ms: int) -> None:
    """Set values of a resource in a metric group, as of a time; the others stay as they were.

    A client tells values by their order only, so each object has all of its group, in the definition's order.

    Raises:
        BadInput: no such group, or it has no such metric.
    """
    if group not in hmc.metric_groups:
        raise BadInput(f"there is no metric group {group!r}; there are {', '.join(sorted(hmc.metric_groups))}")
    types = dict(hmc.metric_groups[group].types)
    if unknown := [name for name in values if name not in types]:
        raise BadInput(f"the metric group {group} has no metric {unknown[0]!r}; it has {', '.join(types)}")
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    objects = hmc.metric_values.get(group, [])
    known = next((item for item in objects if item.resource_uri == resource_uri), None)
    before = dict(known.values) if known else {}
    row = [(name, values.get(name, before.get(name, EMPTY.get(kind, 0)))) for name, kind in types.items()]
    if known is None:
        hmc.add_metric_values(FakedMetricObjectValues(group, resource_uri, now, row))
    else:
        known.values, known.timestamp = row, now

"""Metric values that change: the mock model only knows those that its inventory began with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zhmcclient.mock._hmc import FakedMetricObjectValues  # not exported by the mock's __init__

from harness.errors import BadInput

EMPTY = {"string-metric": "", "boolean-metric": False, "double-metric": 0.0}
"""What a metric has that nobody set, by type; all other types are whole numbers."""


def set_metrics(hmc: Any, group: str, resource_uri: str, values: dict[str, Any]) -> None:
    """Set values of a resource in a metric group, as of now; the others stay as they were.

    A client tells values by their order only, so each object has all of its group, in the definition's order.

    Raises:
        BadInput: no such group, or it has no such metric.
    """
    if group not in hmc.metric_groups:
        raise BadInput(f"there is no metric group {group!r}; there are {', '.join(sorted(hmc.metric_groups))}")
    types = dict(hmc.metric_groups[group].types)
    if unknown := [name for name in values if name not in types]:
        raise BadInput(f"the metric group {group} has no metric {unknown[0]!r}; it has {', '.join(types)}")
    objects = hmc.metric_values.get(group, [])
    known = next((item for item in objects if item.resource_uri == resource_uri), None)
    before = dict(known.values) if known else {}
    row = [(name, values.get(name, before.get(name, EMPTY.get(kind, 0)))) for name, kind in types.items()]
    if known is None:
        hmc.add_metric_values(FakedMetricObjectValues(group, resource_uri, datetime.now(UTC), row))
    else:
        known.values, known.timestamp = row, datetime.now(UTC)

"""zhmcclient's z17 inventory with what it lacks (filled.yaml), so that fewer of its tests skip themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

MORE = Path(__file__).with_name("filled.yaml")

DESCRIBED = {
    "loadable_lpars": {"linux": "LPAR1", "ssc": "LPAR2", "general": "LPAR9"},
    "load_profiles": {},
}
"""What zhmcclient's tests are told about the classic CPC, besides: LPARs that can be activated."""


def filled(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with more in it."""
    merged: dict[str, Any] = _merged(definition, yaml.safe_load(MORE.read_text(encoding="utf-8")))
    return merged


def _merged(base: Any, more: Any) -> Any:
    if isinstance(base, dict) and isinstance(more, dict):
        return {**base, **{key: _merged(base.get(key), value) for key, value in more.items()}}
    if isinstance(base, list) and isinstance(more, list) and all(isinstance(item, dict) for item in more):
        names = {_name(item): item for item in base}
        known = {_name(item): item for item in more}
        kept = [_merged(item, known[name]) if name in known else item for name, item in names.items()]
        return kept + [item for name, item in known.items() if name not in names]
    return more


def _name(resource: dict[str, Any]) -> object:
    """What tells a resource from its neighbours; a hardware message has no name."""
    properties = resource.get("properties", resource)
    return properties.get("name", properties.get("element-id"))

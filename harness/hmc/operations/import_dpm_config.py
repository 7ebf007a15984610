"""Import DPM Configuration: settable properties of a CPC's resources that are there already, by their URIs.

A real HMC creates what is missing, too; here that is what the answer tells as not applied. So are partition links: only
their own operations know which values they can have.
"""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import KEPT, body_of, optional, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

_OURS = KEPT | {"object-id", "element-id", "object-uri", "element-uri", "class", "parent", "status"}


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    cpc, body = target(console, call), body_of(call)
    if not cpc.dpm_enabled:
        raise HmcError(409, 5, f"CPC is not in DPM mode: {cpc.uri}")
    cpc.properties.update(_settable(optional(body, "cpc-properties", dict, {})))
    left = [
        {"resource-class": kind, "resource-uri": item.get("object-uri") or item.get("element-uri"), "reason": "missing"}
        for kind, items in body.items()
        if isinstance(items, list)
        for item in items
        if isinstance(item, dict) and not _apply(console, item)
    ]
    return Answer(status=200, body={"output": left}) if left else Answer(status=204)


def _apply(console: Console, item: dict[str, Any]) -> bool:
    resource = console.model.hmc.all_resources.get(str(item.get("object-uri") or item.get("element-uri")))
    if resource is None or resource.properties.get("class") == "partition-link":
        return False
    resource.properties.update(_settable(item))
    return True


def _settable(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in _OURS}


OPERATION = Operation(method="POST", path="/api/cpcs/*/operations/import-dpm-config", run=_run)

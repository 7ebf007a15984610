"""Get Inventory: the mock model's, with the kinds of resources that it lacks, and words that it does not know.

It is the longest answer of all, so it is made in steps, one a resource. As on a real HMC it is no snapshot: whoever
needs to miss nothing listens to notifications before. Each resource is told as it was when its turn came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhmcclient.mock._urihandler import InventoryHandler, properties_copy  # not exported by the mock's __init__

from harness.hmc.errors import SECRET_FIELDS, HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.kinds import PARTITION_LINKS
from harness.hmc.operations.kit import optional, optional_body
from harness.hmc.operations.operation import Console, Operation, Steps
from harness.hmc.sessions import Session

_CATEGORIES: dict[str, list[str]] = InventoryHandler.classes_from_category
_READERS = InventoryHandler.get_inventory_for_rc


def _steps(console: Console, call: Call, session: Session) -> Steps[Answer]:  # noqa: ARG001 - an operation's form
    wanted = optional(optional_body(call), "resources", list, list(_CATEGORIES))
    kinds = [kind for word in wanted for kind in _kinds(word)]
    told: list[dict[str, Any]] = []
    for kind in dict.fromkeys(kinds):
        for item in _of(console, kind):
            told.append(item if SECRET_FIELDS.isdisjoint(item) else _told(item))
            yield
    return Answer(status=200, body=told)


def _told(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in SECRET_FIELDS}


def _kinds(word: object) -> list[str]:
    if not isinstance(word, str) or (word not in _CATEGORIES and word not in _READERS):
        raise HmcError(400, 8, f"The field resources has a word that is not known: {word}")
    return _CATEGORIES.get(word, [word])


def _of(console: Console, kind: str) -> Iterator[dict[str, Any]]:
    match kind:
        case "partition-link":
            yield from (dict(link.properties) for link in console.model.kinds[PARTITION_LINKS].list())
        case "partition" | "adapter":  # what there can be ten thousands of
            for cpc in console.model.hmc.cpcs.list():
                for resource in (cpc.partitions if kind == "partition" else cpc.adapters).list():
                    yield from _with_elements(resource)
        case _:
            yield from _READERS[kind](console.model.hmc)


def _with_elements(resource: Any) -> Iterator[dict[str, Any]]:
    """A partition with its NICs, HBAs and virtual functions, or an adapter with its ports, as the mock model has it."""
    yield properties_copy(resource.properties)
    for name in ("ports", "nics", "hbas", "virtual_functions"):
        manager = getattr(resource, name, None)
        for element in manager.list() if manager else ():
            yield properties_copy(element.properties)


OPERATION = Operation.in_steps("POST", "/api/services/inventory", _steps)

"""Get Inventory: the mock model's, with the kinds of resources that it lacks, and words that it does not know."""

from __future__ import annotations

from typing import Any

from zhmcclient.mock._urihandler import InventoryHandler  # not exported by the mock's __init__

from harness.hmc.errors import SECRET_FIELDS, HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.kinds import PARTITION_LINKS
from harness.hmc.operations.kit import optional, optional_body
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

_CATEGORIES: dict[str, list[str]] = InventoryHandler.classes_from_category
_READERS = InventoryHandler.get_inventory_for_rc


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    wanted = optional(optional_body(call), "resources", list, list(_CATEGORIES))
    kinds = [kind for word in wanted for kind in _kinds(word)]
    items = [item for kind in dict.fromkeys(kinds) for item in _of(console, kind)]
    return Answer(status=200, body=[item if SECRET_FIELDS.isdisjoint(item) else _told(item) for item in items])


def _told(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in SECRET_FIELDS}


def _kinds(word: object) -> list[str]:
    if not isinstance(word, str) or (word not in _CATEGORIES and word not in _READERS):
        raise HmcError(400, 8, f"The field resources has a word that is not known: {word}")
    return _CATEGORIES.get(word, [word])


def _of(console: Console, kind: str) -> list[dict[str, Any]]:
    if kind == "partition-link":
        return [dict(link.properties) for link in console.model.kinds[PARTITION_LINKS].list()]
    read: list[dict[str, Any]] = _READERS[kind](console.model.hmc)
    return read


OPERATION = Operation(method="POST", path="/api/services/inventory", run=_run)

"""Kinds of resources that zhmcclient's mock model does not have: partition links and certificates.

They live in the mock model all the same, so that its generic operations, Get Inventory and everything that looks a
resource up by its URI find them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhmcclient.mock._hmc import FakedBaseManager, FakedBaseResource  # not exported by the mock's __init__

from harness.hmc.places import Misfit, fill

PARTITION_LINKS = "partition_links"
CERTIFICATES = "certificates"


@dataclass(frozen=True, slots=True)
class _Kind:
    class_value: str
    base_uri: str


_KINDS = {
    PARTITION_LINKS: _Kind("partition-link", "/api/partition-links"),
    CERTIFICATES: _Kind("certificate", "/api/certificates"),
}

MORE_KINDS = (*_KINDS, "mfa_server_definitions", "storage_group_templates", "groups", "tape_libraries")
"""What an inventory may have in its console and the mock model does not load: the schema of zhmcclient's format has no
word for it or, for tape libraries, the model looks for another name and says nothing."""

BASE_ROLE = {
    "object-id": "00000000-0000-4000-8000-000000000001",
    "name": "hmc-operator-tasks",
    "type": "system-defined",
    "permissions": [],
}
"""The role that a new one is based on where a client names none. Every HMC has it, so the mock model wants it, too."""

API_FEATURES = "available-api-features-list"
"""What an inventory may have among the properties of its console and CPCs, as zhmcclient's own export of a DPM
configuration does: the features that their operation list-features tells. No property of theirs."""


def add_kinds(hmc: Any, inventory: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Give a faked HMC managers for these kinds, and what the inventory has of them; the managers by kind.

    Raises:
        Misfit: the inventory has one that is none.
    """
    console = hmc.consoles.console
    hmc.console = console  # the mock model's own Get Inventory looks for it there
    _mend_metric_groups(hmc)
    for owner in (console, *hmc.cpcs.list()):
        owner.api_features = owner.properties.pop(API_FEATURES, [])
    for name, kind in _KINDS.items():
        setattr(console, name, _new_manager(hmc, console, kind))
    console.tape_libraries = console.tape_library
    try:
        for name, resources in inventory.items():
            fill(console, name, resources)
    except Misfit as misfit:
        misfit.steps[:0] = ("consoles", 0)
        raise
    if not console.user_roles.list(filter_args={"name": BASE_ROLE["name"]}):
        console.user_roles.add(BASE_ROLE)
    return {name: getattr(console, name) for name in _KINDS}


def _new_manager(hmc: Any, console: Any, kind: _Kind) -> Any:
    return FakedBaseManager(
        hmc=hmc,
        parent=console,
        resource_class=FakedBaseResource,
        base_uri=kind.base_uri,
        oid_prop="object-id",
        uri_prop="object-uri",
        class_value=kind.class_value,
        name_prop="name",
    )


def _mend_metric_groups(hmc: Any) -> None:
    """One group's name has a quotation mark in zhmcclient 1.26, so that nobody can ask for it."""
    for name, group in list(hmc._metric_groups.items()):
        if '"' in name:
            del hmc._metric_groups[name]
            group.name = name.replace('"', "")
            hmc._metric_groups[group.name] = group

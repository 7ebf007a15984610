"""Get Partitions Assigned to Adapter, for all families of adapters.

The mock model only knows NICs, and stumbles over those of the kind that a release has no longer, or not yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import matching, shown, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.operations.storage import GROUPS
from harness.hmc.sessions import Session

LIST = ("object-uri", "name", "status")
NOT_DPM = 5
"""Reason code of a 409 where a CPC is in classic mode, as in zhmcclient's mock model."""


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    adapter = target(console, call)
    cpc = adapter.manager.parent
    if not cpc.dpm_enabled:
        raise HmcError(409, NOT_DPM, f"The CPC {cpc.name} is not in DPM mode.")
    partitions = matching(cpc.partitions.list(), call.query, ("name", "status"))
    assigned = [partition for partition in partitions if adapter.uri in _adapters_of(console, partition)]
    return Answer(status=200, body={"partitions-assigned-to-adapter": [shown(item, LIST, {}) for item in assigned]})


def _adapters_of(console: Console, partition: Any) -> set[str]:
    """The URIs of the adapters that a partition uses."""
    resources = console.model.hmc.all_resources
    ports = [resources[uri] for uri in _ports_of(console, partition) if uri in resources]
    switches = [resources.get(nic.properties.get("virtual-switch-uri")) for nic in partition.nics.list()]
    crypto = partition.properties.get("crypto-configuration") or {}
    return {
        *(_adapter_of(port).uri for port in ports),
        *(switch.properties["backing-adapter-uri"] for switch in switches if switch is not None),
        *(function.properties.get("adapter-uri") for function in partition.virtual_functions.list()),
        *(crypto.get("crypto-adapter-uris") or ()),
    }


def _adapter_of(port: Any) -> Any:
    """A port is part of its adapter; zhmcclient's own inventories name the adapter itself."""
    return port if port.manager.uri_prop == "object-uri" else port.manager.parent


def _ports_of(console: Console, partition: Any) -> Iterator[str]:
    for nic in partition.nics.list():
        yield nic.properties.get("network-adapter-port-uri")
    for hba in partition.hbas.list() if partition.hbas is not None else ():
        yield hba.properties.get("adapter-port-uri")
    attached = partition.properties.get(GROUPS) or ()
    for group in console.model.console.storage_groups.list():
        for resource in group.virtual_storage_resources.list():
            if group.uri in attached and resource.properties.get("partition-uri") == partition.uri:
                yield resource.properties.get("adapter-port-uri")


OPERATION = Operation(method="GET", path="/api/adapters/*/operations/get-partitions-assigned-to-adapter", run=_run)

"""Storage groups: attachment to partitions, fulfillment, discovery, connection report, validation of a path to a LUN.

Attaching makes a virtual storage resource for each candidate port; detaching takes it away.
"""

from __future__ import annotations

import re
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome
from harness.hmc.operations.job import start
from harness.hmc.operations.kit import (
    body_of,
    field,
    found,
    matching,
    named,
    optional,
    optional_body,
    refuse_given,
    shown,
    target,
)
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

GROUPS = "storage-group-uris"
ATTACHED, NOT_ATTACHED = 117, 118
"""Reason codes of a 409: it is attached already, it is not attached."""
PARTITION_LIST = ("object-uri", "name", "status")


def _attach(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    partition, group = _pair(console, call)
    uris = partition.properties.get(GROUPS) or []
    if group.uri in uris:
        raise HmcError(409, ATTACHED, f"{group.name} is attached to {partition.name} already.")
    if not group.properties.get("shared") and holders(console, group):
        raise HmcError(409, ATTACHED, f"{group.name} is a dedicated storage group of another partition.")
    partition.properties[GROUPS] = [*uris, group.uri]
    for number, port in enumerate(group.properties.get("candidate-adapter-port-uris") or []):
        group.virtual_storage_resources.add(_resource(partition, group, port, number))
    return Answer(status=204)


def _resource(partition: Any, group: Any, port: str, number: int) -> dict[str, Any]:
    return {
        "name": f"{group.name}-{partition.name}-{number}",
        "description": "",
        "partition-uri": partition.uri,
        "adapter-port-uri": port,
        "device-number": partition.devno_alloc(),
        "world-wide-port-name": partition.wwpn_alloc().lower(),
        "world-wide-port-name-info": {"world-wide-port-name": None, "status": "validated"},
        "degraded-reasons": [],
        "uuid": None,
    }


def _detach(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    partition, group = _pair(console, call)
    if group.uri not in (partition.properties.get(GROUPS) or []):
        raise HmcError(409, NOT_ATTACHED, f"{group.name} is not attached to {partition.name}.")
    detach(partition, group)
    return Answer(status=204)


def detach(partition: Any, group: Any) -> None:
    """Take a storage group from a partition, with what attaching it made."""
    partition.properties[GROUPS] = [uri for uri in partition.properties[GROUPS] if uri != group.uri]
    for resource in group.virtual_storage_resources.list():
        if resource.properties.get("partition-uri") == partition.uri:
            group.virtual_storage_resources.remove(resource.oid)
            uris = group.properties["virtual-storage-resource-uris"]
            group.properties["virtual-storage-resource-uris"] = [uri for uri in uris if uri != resource.uri]


def _pair(console: Console, call: Call) -> tuple[Any, Any]:
    partition = target(console, call)
    group = named(console, body_of(call), "storage-group-uri", "storage-group")
    if group.properties.get("cpc-uri") != partition.manager.parent.uri:
        raise HmcError(400, 8, f"{group.name} is a storage group of another CPC.")
    return partition, group


def holders(console: Console, group: Any) -> list[Any]:
    """The partitions that a storage group is attached to."""
    cpc = console.model.hmc.all_resources.get(group.properties.get("cpc-uri"))
    partitions = cpc.partitions.list() if cpc else []
    return [partition for partition in partitions if group.uri in (partition.properties.get(GROUPS) or ())]


def _get_partitions(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    partitions = matching(holders(console, target(console, call)), call.query, ("name", "status"))
    return Answer(status=200, body={"partitions": [shown(item, PARTITION_LIST, {}) for item in partitions]})


def _delete(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    group = target(console, call)
    if holders(console, group):
        raise HmcError(409, ATTACHED, f"{group.name} is attached to partitions; detach it first.")
    for element in (*group.storage_volumes.list(), *group.virtual_storage_resources.list()):
        element.manager.remove(element.oid)
    group.manager.remove(group.oid)
    return Answer(status=204)


def _create(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    """The mock model puts the new volumes themselves into its answer, instead of their URIs."""
    body = body_of(call)
    refuse_given(body)
    result = console.model.carry_out("POST", call.uri, body)
    assert isinstance(result, dict)  # noqa: S101 - the mock model's type, which mypy cannot know
    uris = [volume.uri for volume in result["element-uris"]]
    told = {"object-uri": result["object-uri"], "element-uris": uris}
    return Answer(status=201, body=told, headers={"Location": result["object-uri"]})


def _discover(console: Console, call: Call, session: Session) -> Answer:
    group = target(console, call)
    optional(optional_body(call), "force-restart", bool, False)
    if group.properties.get("type") != "fcp":
        raise HmcError(409, 8, f"{group.name} is no FCP storage group.")

    def finish() -> None:
        for volume in group.storage_volumes.list():
            volume.properties["fulfillment-state"] = "complete"
        _fulfil(group)

    return start(console, call, session, outcome=Outcome(status=204), finish=finish)


def _report(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    group = target(console, call)
    volumes = [
        {"storage-volume-uri": volume.uri, "volumes-configuration-status": "correct-volumes"}
        for volume in group.storage_volumes.list()
    ]
    subsystems = [{"storage-configurations": volumes}] if volumes else []
    return Answer(status=200, body={"fcp-storage-subsystems": subsystems})


def _fulfil_fcp(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    volume, body = target(console, call), body_of(call)
    names = {name: _hexadecimal(body, name) for name in ("world-wide-port-name", "logical-unit-number")}
    port = found(console, field(body, "adapter-port-uri", str), "storage-port")
    path = {"partition-uri": None, "device-number": None, "target-world-wide-port-name": names["world-wide-port-name"]}
    paths = [{**path, "adapter-port-uri": port.uri, "logical-unit-number": names["logical-unit-number"]}]
    volume.properties.update({"fulfillment-state": "complete", "paths": paths})
    _fulfil(volume.manager.parent)
    return Answer(status=204)


def _fulfil_ficon(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    volume, body = target(console, call), body_of(call)
    unit = {name: field(body, name, str) for name in ("control-unit-uri", "unit-address")}
    volume.properties.update({"fulfillment-state": "complete", **unit})
    _fulfil(volume.manager.parent)
    return Answer(status=204)


def _fulfil(group: Any) -> None:
    if all(volume.properties.get("fulfillment-state") == "complete" for volume in group.storage_volumes.list()):
        group.properties["fulfillment-state"] = "complete"


def _validate(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    target(console, call)
    body = body_of(call)
    for name in ("host-world-wide-port-name", "target-world-wide-port-name", "logical-unit-number"):
        _hexadecimal(body, name)
    found(console, field(body, "adapter-port-uri", str), "storage-port")
    return Answer(status=204)


def _hexadecimal(body: dict[str, Any], name: str) -> str:
    text = field(body, name, str)
    if not re.fullmatch(r"[0-9a-f]{16}", text):
        raise HmcError(400, 7, f"The field {name} has to have 16 hexadecimal digits, in lower case.")
    return text


_GROUP = "/api/storage-groups/*/operations"
_VOLUME = "/api/storage-groups/*/storage-volumes/*/operations"
OPERATIONS = (
    *(Operation(method="POST", path=path, run=_create) for path in ("/api/storage-groups", "/api/storage-templates")),
    Operation(method="POST", path=f"{_GROUP}/delete", run=_delete),
    Operation(method="POST", path="/api/partitions/*/operations/attach-storage-group", run=_attach),
    Operation(method="POST", path="/api/partitions/*/operations/detach-storage-group", run=_detach),
    Operation(method="GET", path=f"{_GROUP}/get-partitions", run=_get_partitions),
    Operation(method="POST", path=f"{_GROUP}/start-fcp-storage-discovery", run=_discover, is_job=True),
    Operation(method="GET", path=f"{_GROUP}/get-connection-report", run=_report),
    Operation(method="POST", path=f"{_VOLUME}/fulfill-fcp-storage-volume", run=_fulfil_fcp),
    Operation(method="POST", path=f"{_VOLUME}/fulfill-ficon-storage-volume", run=_fulfil_ficon),
    Operation(method="POST", path="/api/cpcs/*/operations/validate-lun-path", run=_validate),
)

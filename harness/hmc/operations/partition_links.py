"""Partition links of all three types: list, create, properties, modify (attach, detach), delete.

What is wrong with a request is told at once; its effect is a job's, and the link is ``updating`` until that ends.
"""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome
from harness.hmc.kinds import PARTITION_LINKS
from harness.hmc.operations.bus_adapter import ADAPTER, new_adapter, remove_adapter
from harness.hmc.operations.job import start
from harness.hmc.operations.kit import (
    body_of,
    field,
    found,
    matching,
    named,
    one_of,
    optional,
    optional_body,
    refuse_given,
    shown,
    target,
)
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.operations.partition_link_ends import connect, disconnect, new_paths, partitions_of
from harness.hmc.sessions import Session

BASE = "/api/partition-links"
LIST = ("object-uri", "cpc-uri", "name", "state", "type")
FILTERS = ("cpc-uri", "name", "state", "type")
TYPES = ("hipersockets", "smc-d", "ctc")
UPDATING = "updating"
WRITABLE = frozenset(
    {"name", "description", "starting-device-number", "maximum-transmission-unit-size", "starting-fid"}
)
CHANGES = frozenset({"added-connections", "added-partition-uris", "removed-partition-uris"})
FORCE_NEEDED = 100

_BY_TYPE: dict[str, dict[str, object]] = {
    "hipersockets": {"bus-connections": [], "starting-device-number": "7400", "maximum-transmission-unit-size": 8},
    "smc-d": {"bus-connections": [], "starting-fid": 4096},
    "ctc": {"paths": [], "devices-per-path": 4},
}


def _list(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    links = matching(console.model.kinds[PARTITION_LINKS].list(), call.query, FILTERS)
    return Answer(status=200, body={"partition-links": [shown(link, LIST, call.query) for link in links]})


def _get(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    return Answer(status=200, body=dict(console.model.resource(call.path).properties))


def _create(console: Console, call: Call, session: Session) -> Answer:
    body = body_of(call)
    refuse_given(body)
    cpc, kind, name = named(console, body, "cpc-uri", "cpc"), one_of(body, "type", TYPES), field(body, "name", str)
    _refuse_taken(console, cpc, name)
    ends = _wanted(console, body, "bus-connections") if kind != "ctc" else _partitions(console, body, "partitions")
    paths = new_paths(console, optional(body, "paths", list, []))
    own = {key: value for key, value in body.items() if key not in ("bus-connections", "partitions", "paths")}
    link = console.model.kinds[PARTITION_LINKS].add(
        {
            "description": "",
            "cpc-name": cpc.name,
            **_BY_TYPE[kind],
            **({"paths": paths} if kind == "ctc" else {}),
            **({ADAPTER: new_adapter(console, cpc, name)} if kind == "hipersockets" else {}),
            **own,
            "state": UPDATING,
        }
    )

    def finish() -> None:
        connect(console, link, ends)
        _settle(link)

    outcome = Outcome(status=201, results=_results(ends, "attached"))
    return start(console, call, session, outcome=outcome, finish=finish, headers={"Location": link.uri})


def _modify(console: Console, call: Call, session: Session) -> Answer:
    link, body = target(console, call), body_of(call)
    _refuse_unknown(body)
    if body.get("name", link.name) != link.name:
        _refuse_taken(console, console.model.resource(link.properties["cpc-uri"]), field(body, "name", str))
    added = _wanted(console, body, "added-connections") + _partitions(console, body, "added-partition-uris")
    removed = _partitions(console, body, "removed-partition-uris")
    _refuse_mismatch(link, added, removed)
    if added or removed:
        link.properties["state"] = UPDATING

    def finish() -> None:
        link.properties.update({name: value for name, value in body.items() if name in WRITABLE})
        disconnect(console, link, [partition for partition, _ in removed])
        connect(console, link, added)
        _settle(link)

    results = {"operation-results": [*_told(added, "attached"), *_told(removed, "detached")]}
    return start(console, call, session, outcome=Outcome(results=results), finish=finish)


def _delete(console: Console, call: Call, session: Session) -> Answer:
    link = target(console, call)
    force = optional(optional_body(call), "force-detach", bool, False)
    partitions = [console.model.resource(uri) for uri in partitions_of(link)]
    if not force and any(partition.properties.get("status") == "active" for partition in partitions):
        raise HmcError(409, FORCE_NEEDED, f"The partition link {link.name!r} is attached to active partitions.")
    link.properties["state"] = UPDATING

    def finish() -> None:
        disconnect(console, link, partitions)
        if console.model.hmc.all_resources.get(link.uri) is link:
            link.manager.remove(link.oid)
            remove_adapter(console, link)

    outcome = Outcome(results=_results([(partition, {}) for partition in partitions], "detached"))
    return start(console, call, session, outcome=outcome, finish=finish)


def _settle(link: Any) -> None:
    link.properties["state"] = "complete" if len(partitions_of(link)) >= 2 else "incomplete"


def _refuse_taken(console: Console, cpc: Any, name: str) -> None:
    links = console.model.kinds[PARTITION_LINKS].list()
    if any(link.name == name and link.properties["cpc-uri"] == cpc.uri for link in links):
        raise HmcError(400, 8, f"{cpc.name} has a partition link {name!r} already.")


def _refuse_unknown(body: dict[str, Any]) -> None:
    unknown = sorted(set(body) - WRITABLE - CHANGES)
    if unknown:
        raise HmcError(400, 6, f"Property is not writable: {', '.join(unknown)}")


def _refuse_mismatch(link: Any, added: list[_End], removed: list[_End]) -> None:
    attached = partitions_of(link)
    for partition, _ in added:
        if partition.uri in attached and link.properties["type"] == "ctc":
            raise HmcError(409, 101, f"{partition.name} is attached to {link.name!r} already.")
    for partition, _ in removed:
        if partition.uri not in attached:
            raise HmcError(409, 102, f"{partition.name} is not attached to {link.name!r}.")


_End = tuple[Any, dict[str, Any]]


def _wanted(console: Console, body: dict[str, Any], name: str) -> list[_End]:
    ends: list[_End] = []
    for item in optional(body, name, list, []):
        if not isinstance(item, dict):
            raise HmcError(400, 7, f"The field {name} holds something that is no object.")
        optional(item, "number-of-nics", int, 1)
        optional(item, "nics", list, [])
        ends.append((named(console, item, "partition-uri", "partition"), item))
    return ends


def _partitions(console: Console, body: dict[str, Any], name: str) -> list[_End]:
    return [(found(console, str(uri), "partition"), {}) for uri in optional(body, name, list, [])]


def _results(ends: list[_End], status: str) -> dict[str, object]:
    return {"operation-results": _told(ends, status)}


def _told(ends: list[_End], status: str) -> list[dict[str, object]]:
    return [
        {"partition-uri": partition.uri, "partition-name": partition.name, "operation-status": status}
        for partition, _ in ends
    ]


OPERATIONS = (
    Operation(method="GET", path=BASE, run=_list),
    Operation(method="POST", path=BASE, run=_create, is_job=True),
    Operation(method="GET", path=f"{BASE}/*", run=_get),
    Operation(method="POST", path=f"{BASE}/*/operations/modify", run=_modify, is_job=True),
    Operation(method="POST", path=f"{BASE}/*/operations/delete", run=_delete, is_job=True),
)

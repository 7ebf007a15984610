"""Partition links of all three types: list, create, properties, modify (attach, detach), delete.

What is wrong with a request is told at once; its effect is a job's, and the link is ``updating`` until that ends. What
was deleted by then is left out: a partition that was to be attached is told as ``failed`` (our word for it).
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
from harness.hmc.operations.partition_link_ends import (
    UPDATING,
    connect,
    disconnect,
    own_of,
    partitions_of,
    present,
    settle,
)
from harness.hmc.operations.partition_link_fields import (
    End,
    check_devices,
    check_ends,
    check_nics,
    check_own,
    connections,
    partitions,
    paths,
)
from harness.hmc.sessions import Session

BASE = "/api/partition-links"
LIST = ("object-uri", "cpc-uri", "name", "state", "type")
FILTERS = ("cpc-uri", "name", "state", "type")
TYPES = ("hipersockets", "smc-d", "ctc")
WRITABLE = frozenset(
    {"name", "description", "starting-device-number", "maximum-transmission-unit-size", "starting-fid"}
)
CHANGES = frozenset({"added-connections", "added-partition-uris", "removed-partition-uris"})
FORCE_NEEDED = 100


def _list(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    links = matching(console.model.kinds[PARTITION_LINKS].list(), call.query, FILTERS)
    return Answer(status=200, body={"partition-links": [shown(link, LIST, call.query) for link in links]})


def _get(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    return Answer(status=200, body=dict(console.model.resource(call.path).properties))


def _create(console: Console, call: Call, session: Session) -> Answer:
    body = body_of(call)
    refuse_given(body)
    check_own(body)
    cpc, kind, name = named(console, body, "cpc-uri", "cpc"), one_of(body, "type", TYPES), field(body, "name", str)
    _refuse_taken(console, cpc.uri, name)
    is_ctc = kind == "ctc"
    ends = partitions(console, body, "partitions") if is_ctc else connections(console, body, "bus-connections")
    its_paths = paths(console, body) if is_ctc else []
    check_devices(len(its_paths), len(ends))
    own = {key: value for key, value in body.items() if key not in ("bus-connections", "partitions", "paths")}
    link = console.model.kinds[PARTITION_LINKS].add(
        {
            "description": "",
            "cpc-name": cpc.name,
            **own_of(kind),
            **({"paths": its_paths} if is_ctc else {}),
            **({ADAPTER: new_adapter(console, cpc, name)} if kind == "hipersockets" else {}),
            **own,
            "state": UPDATING,
        }
    )

    def finish() -> Outcome:
        there = present(console, ends)
        connect(console, link, there)
        settle(link)
        return Outcome(status=201, results=_results(_attached(ends, there)))

    return start(
        console,
        call,
        session,
        outcome=Outcome(status=201),
        finish=finish,
        undo=lambda: settle(link),
        headers={"Location": link.uri},
        created=link.uri,
    )


def _modify(console: Console, call: Call, session: Session) -> Answer:
    link, body = target(console, call), body_of(call)
    _refuse_unknown(body)
    check_own(body)
    if body.get("name", link.name) != link.name:
        _refuse_taken(console, link.properties.get("cpc-uri"), body["name"])
    added = check_ends(
        connections(console, body, "added-connections") + partitions(console, body, "added-partition-uris")
    )
    removed = partitions(console, body, "removed-partition-uris")
    _refuse_mismatch(link, added, removed)
    if added or removed:
        link.properties["state"] = UPDATING

    def finish() -> Outcome:
        if "name" in body and _is_taken(console, link.properties.get("cpc-uri"), body["name"], link):
            settle(link)
            return Outcome(status=400, reason=8, results={"message": f"There is a link {body['name']!r} by now."})
        link.properties.update({name: value for name, value in body.items() if name in WRITABLE})
        disconnect(console, link, [partition for partition, _ in present(console, removed)])
        there = present(console, added)
        connect(console, link, there)
        settle(link)
        return Outcome(results=_results([*_attached(added, there), *_told(removed, "detached")]))

    return start(console, call, session, outcome=Outcome(), finish=finish, undo=lambda: settle(link))


def _delete(console: Console, call: Call, session: Session) -> Answer:
    link = target(console, call)
    force = optional(optional_body(call), "force-detach", bool, False)
    resources = console.model.hmc.all_resources
    ends: list[End] = [(resources[uri], {}) for uri in partitions_of(link) if uri in resources]
    if not force and any(partition.properties.get("status") == "active" for partition, _ in ends):
        raise HmcError(409, FORCE_NEEDED, f"The partition link {link.name!r} is attached to active partitions.")
    link.properties["state"] = UPDATING

    def finish() -> None:
        disconnect(console, link, [partition for partition, _ in present(console, ends)])
        link.manager.remove(link.oid)
        remove_adapter(console, link)

    outcome = Outcome(results=_results(_told(ends, "detached")))
    return start(console, call, session, outcome=outcome, finish=finish, undo=lambda: settle(link))


def _refuse_taken(console: Console, cpc_uri: str | None, name: str) -> None:
    if _is_taken(console, cpc_uri, name):
        raise HmcError(400, 8, f"The CPC has a partition link {name!r} already.")


def _is_taken(console: Console, cpc_uri: str | None, name: str, but: Any = None) -> bool:
    """Whether another link of that CPC has this name; a link of an inventory need not say of which one it is."""
    links = console.model.kinds[PARTITION_LINKS].list()
    return any(link.name == name and link.properties.get("cpc-uri") == cpc_uri for link in links if link is not but)


def _refuse_unknown(body: dict[str, Any]) -> None:
    unknown = sorted(set(body) - WRITABLE - CHANGES)
    if unknown:
        raise HmcError(400, 6, f"Property is not writable: {', '.join(unknown)}")


def _refuse_mismatch(link: Any, added: list[End], removed: list[End]) -> None:
    attached, is_ctc = partitions_of(link), link.properties["type"] == "ctc"
    if is_ctc and added:
        check_devices(len(link.properties.get("paths") or ()), len(attached) + len(added))
    elif added:
        check_nics(link, added)
    for partition, _ in added:
        if is_ctc and partition.uri in attached:
            raise HmcError(409, 101, f"{partition.name} is attached to {link.name!r} already.")
    for partition, _ in removed:
        if partition.uri not in attached:
            raise HmcError(409, 102, f"{partition.name} is not attached to {link.name!r}.")


def _results(told: list[dict[str, object]]) -> dict[str, object]:
    return {"operation-results": told}


def _attached(ends: list[End], there: list[End]) -> list[dict[str, object]]:
    uris = {partition.uri for partition, _ in there}
    return [told for end in ends for told in _told([end], "attached" if end[0].uri in uris else "failed")]


def _told(ends: list[End], status: str) -> list[dict[str, object]]:
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

"""The ends of a partition link: NICs on its bus, or pairs of devices on its paths."""

from __future__ import annotations

import copy
from typing import Any

from harness.hmc.operations.operation import Console
from harness.hmc.operations.partition_link_fields import FIRST_OF_PATH, End, nics_of

LINKS = "partition-link-uris"
UPDATING = "updating"
_DEVICE_NUMBERS = 0x10000
_BY_TYPE: dict[str, dict[str, object]] = {
    "hipersockets": {"bus-connections": [], "starting-device-number": "7400", "maximum-transmission-unit-size": 8},
    "smc-d": {"bus-connections": [], "starting-fid": 4096},
    "ctc": {"paths": [], "devices-per-path": 4},
}


def own_of(kind: str) -> dict[str, object]:
    """What a link of this type has, as long as nobody says otherwise."""
    return copy.deepcopy(_BY_TYPE[kind])


def settle(link: Any) -> None:
    """Say of a link that nothing is being done to it, and whether it links anything."""
    link.properties["state"] = "complete" if len(partitions_of(link)) >= 2 else "incomplete"


def present(console: Console, ends: list[End]) -> list[End]:
    """Those whose partition is still there: it may have been deleted since it was named."""
    resources = console.model.hmc.all_resources
    return [end for end in ends if resources.get(end[0].uri) is end[0]]


def partitions_of(link: Any) -> list[str]:
    """The URIs of the partitions that a link is attached to, in their order."""
    properties = dict(link.properties)
    ends = properties.get("bus-connections") or [
        endpoint
        for path in properties.get("paths", ())
        for device in path.get("devices", ())
        for endpoint in device["endpoint-pair"]
    ]
    return list(dict.fromkeys(end["partition-uri"] for end in ends if end["partition-uri"]))


def connect(console: Console, link: Any, ends: list[End]) -> None:
    """Attach a link to partitions; each end says how many NICs, and which."""
    _have_its_own(link)
    for partition, wanted in ends:
        if link.properties["type"] != "ctc":
            _add_to_bus(console, link, partition, wanted)
    if link.properties["type"] == "ctc":
        _pair_up(console, link, partitions_of(link) + [partition.uri for partition, _ in ends])
    for partition, _ in ends:
        links = partition.properties.get(LINKS) or []
        partition.properties[LINKS] = list(dict.fromkeys([*links, link.uri]))


def _have_its_own(link: Any) -> None:
    """An inventory may leave out what a link of its type has."""
    for name, value in own_of(link.properties["type"]).items():
        link.properties.setdefault(name, value)


def disconnect(console: Console, link: Any, partitions: list[Any]) -> None:
    """Detach a link from partitions; the NICs that it made go with it."""
    _have_its_own(link)
    uris = {partition.uri for partition in partitions}
    if link.properties["type"] == "ctc":
        _pair_up(console, link, [uri for uri in partitions_of(link) if uri not in uris])
    else:
        connections = link.properties["bus-connections"]
        link.properties["bus-connections"] = [item for item in connections if item["partition-uri"] not in uris]
        for partition in partitions:
            _remove_nics(link, partition)
    for partition in partitions:
        partition.properties[LINKS] = [uri for uri in partition.properties.get(LINKS) or [] if uri != link.uri]


def _add_to_bus(console: Console, link: Any, partition: Any, wanted: dict[str, Any]) -> None:
    given, count = wanted.get("nics", []), nics_of(wanted)
    first = len(partition.nics.list())
    nics = [
        _new_nic(
            console,
            link,
            partition,
            dict(given[at]) if at < len(given) else {},
            at=at,
            name=f"{link.name}-{first + at}",
        )
        for at in range(count)
    ]
    connection = {
        "partition-uri": partition.uri,
        "partition-name": partition.name,
        "number-of-nics": count,
        "nics": nics,
    }
    link.properties["bus-connections"] = [*link.properties["bus-connections"], connection]


def _new_nic(console: Console, link: Any, partition: Any, nic: dict[str, Any], *, at: int, name: str) -> dict[str, Any]:
    nic.setdefault("vlan-id", None)
    if link.properties["type"] == "smc-d":
        nic.setdefault("fid", link.properties["starting-fid"] + at)
        return nic
    first = int(link.properties["starting-device-number"], 16)
    nic.setdefault("device-numbers", [_number(first + at)])
    made = partition.nics.add(
        {
            "element-id": console.model.new_uuid(),
            "name": name,
            "description": "",
            "type": "iqd",
            "device-number": nic["device-numbers"][0],
            "vlan-id": nic["vlan-id"],
            "partition-link-uri": link.uri,
        }
    )
    return {**nic, "nic-uri": made.uri}


def _remove_nics(link: Any, partition: Any) -> None:
    for nic in partition.nics.list():
        if nic.properties.get("partition-link-uri") == link.uri:
            partition.nics.remove(nic.oid)


def _pair_up(console: Console, link: Any, partitions: list[str]) -> None:
    """Give each pair of partitions its devices on each path."""
    resources = console.model.hmc.all_resources
    ends = [
        {"partition-uri": uri, "partition-name": resources[uri].name}
        for uri in dict.fromkeys(partitions)
        if uri in resources
    ]
    pairs = [[one, other] for at, one in enumerate(ends) for other in ends[at + 1 :]] or [
        [one, {"partition-uri": None, "partition-name": None}] for one in ends
    ]
    count = link.properties["devices-per-path"]  # of numbers for each pair; the pair shows the first of them
    paths = []
    for path in link.properties["paths"]:
        first = int(path.get("starting-device-number", f"{FIRST_OF_PATH:04X}"), 16)
        devices = [
            {"endpoint-pair": [{**end, "device-number": _number(first + count * at)} for end in pair]}
            for at, pair in enumerate(pairs)
        ]
        paths.append({**path, "devices": devices})
    link.properties["paths"] = paths


def _number(number: int) -> str:
    """A device number; after the last one comes the first."""
    return f"{number % _DEVICE_NUMBERS:04X}"

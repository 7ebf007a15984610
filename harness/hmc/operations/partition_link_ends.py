"""The ends of a partition link: NICs on its bus, or pairs of devices on its paths."""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.operations.kit import field
from harness.hmc.operations.operation import Console

LINKS = "partition-link-uris"


def partitions_of(link: Any) -> list[str]:
    """The URIs of the partitions that a link is attached to, in their order."""
    properties = dict(link.properties)
    ends = properties.get("bus-connections") or [
        endpoint
        for path in properties.get("paths", ())
        for device in path["devices"]
        for endpoint in device["endpoint-pair"]
    ]
    return list(dict.fromkeys(end["partition-uri"] for end in ends if end["partition-uri"]))


def connect(console: Console, link: Any, ends: list[tuple[Any, dict[str, Any]]]) -> None:
    """Attach a link to partitions; each end says how many NICs, and which."""
    for partition, wanted in ends:
        if link.properties["type"] != "ctc":
            _add_to_bus(console, link, partition, wanted)
    if link.properties["type"] == "ctc":
        _pair_up(console, link, partitions_of(link) + [partition.uri for partition, _ in ends])
    for partition, _ in ends:
        links = partition.properties.get(LINKS) or []
        partition.properties[LINKS] = list(dict.fromkeys([*links, link.uri]))


def disconnect(console: Console, link: Any, partitions: list[Any]) -> None:
    """Detach a link from partitions; the NICs that it made go with it."""
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
    given = wanted.get("nics") or []
    count = max(wanted.get("number-of-nics", 1), len(given))
    nics = [_new_nic(console, link, partition, dict(given[at]) if at < len(given) else {}, at) for at in range(count)]
    connection = {
        "partition-uri": partition.uri,
        "partition-name": partition.name,
        "number-of-nics": count,
        "nics": nics,
    }
    link.properties["bus-connections"] = [*link.properties["bus-connections"], connection]


def _new_nic(console: Console, link: Any, partition: Any, nic: dict[str, Any], at: int) -> dict[str, Any]:
    nic.setdefault("vlan-id", None)
    if link.properties["type"] == "smc-d":
        nic.setdefault("fid", link.properties["starting-fid"] + at)
        return nic
    first = int(link.properties["starting-device-number"], 16)
    nic.setdefault("device-numbers", [f"{first + at:04X}"])
    made = partition.nics.add(
        {
            "element-id": console.model.new_uuid(),
            "name": f"{link.name}-{len(partition.nics.list())}",
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


def new_paths(console: Console, wanted: list[Any]) -> list[dict[str, Any]]:
    """The paths of a new CTC link, without devices.

    Raises:
        HmcError: 400,7: one is none; 404,2: an adapter is not there.
    """
    paths = []
    for at, item in enumerate(wanted):
        if not isinstance(item, dict):
            raise HmcError(400, 7, "The field paths holds something that is no object.")
        paths.append(
            {
                "starting-device-number": item.get("starting-device-number", f"{0x4000 + 0x100 * at:04X}"),
                "adapter-port-info": _port(console, item, "adapter-port-uri"),
                "connecting-adapter-port-info": _port(console, item, "connecting-adapter-port-uri"),
                "devices": [],
            }
        )
    return paths


def _port(console: Console, item: dict[str, Any], name: str) -> dict[str, object]:
    uri = field(item, name, str)
    resource = console.model.hmc.all_resources.get(uri)
    if resource is None:
        raise HmcError(404, 2, f"The request names a port that is not there: {uri}")
    # A port is part of its adapter; zhmcclient's own tests name the adapter itself.
    adapter = resource if resource.manager.uri_prop == "object-uri" else resource.manager.parent
    return {"adapter-uri": adapter.uri, "adapter-name": adapter.name, "port-uri": uri}


def _pair_up(console: Console, link: Any, partitions: list[str]) -> None:
    """Give each pair of partitions its devices on each path."""
    ends = [_endpoint(console, uri) for uri in dict.fromkeys(partitions)]
    pairs = [[one, other] for at, one in enumerate(ends) for other in ends[at + 1 :]] or [
        [one, {"partition-uri": None, "partition-name": None}] for one in ends
    ]
    count = link.properties["devices-per-path"]  # of numbers for each pair; the pair shows the first of them
    paths = []
    for path in link.properties["paths"]:
        first = int(path["starting-device-number"], 16)
        devices = [
            {"endpoint-pair": [{**end, "device-number": f"{first + count * at:04X}"} for end in pair]}
            for at, pair in enumerate(pairs)
        ]
        paths.append({**path, "devices": devices})
    link.properties["paths"] = paths


def _endpoint(console: Console, uri: str) -> dict[str, object]:
    return {"partition-uri": uri, "partition-name": console.model.resource(uri).name}

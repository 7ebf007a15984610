"""What a request about a partition link may say: checked before its job begins, so that nothing is amiss at its end.

How many NICs, devices and paths one request may ask for is our own bound; it is far above what a real CPC can have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.operations.kit import field, found, named, optional
from harness.hmc.operations.operation import Console

End = tuple[Any, dict[str, Any]]
"""A partition that is to be attached or detached, and what is wanted of its NICs."""

MOST_NICS = 1024
"""That one request may make."""
MOST_DEVICES = 10_000
"""Of one link: NICs, or for CTC the pairs of partitions, of which each has one on each path."""
MOST_PATHS = 64
FIRST_OF_PATH = 0x4000
"""The first device number of a CTC link's first path, if nobody says another one."""
BEYOND = 8
"""Reason code of a 400: the values are good ones, and not together."""

GIVEN = frozenset({"adapter-uri", "cpc-name", "state"})
"""What the HMC gives a new link; `refuse_given` knows what it gives everything."""

_Check = tuple[Callable[[object], bool], str]
_TEXT: _Check = (lambda value: isinstance(value, str), "a string")
_WHOLE = 0xFFFF


def _whole(value: object, first: int = 0, last: int = _WHOLE) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and first <= value <= last


def _device_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9A-Fa-f]{4}", value) is not None


_NUMBER: _Check = (_device_number, "a device number: four hexadecimal digits")
_FIELDS: dict[str, _Check] = {
    "name": _TEXT,
    "description": _TEXT,
    "starting-device-number": _NUMBER,
    "starting-fid": (_whole, f"a whole number up to {_WHOLE}"),
    "maximum-transmission-unit-size": (_whole, f"a whole number up to {_WHOLE}"),
    "devices-per-path": (lambda value: _whole(value, 1, 256), "a whole number from 1 to 256"),
}
_NIC_FIELDS: dict[str, _Check] = {
    "device-numbers": (
        lambda value: isinstance(value, list) and bool(value) and all(map(_device_number, value)),
        "an array of device numbers, each four hexadecimal digits",
    ),
    "fid": (_whole, f"a whole number up to {_WHOLE}"),
    # A text, too: zhmcclient's documentation of `attach_network_link` has '53'.
    "vlan-id": (
        lambda value: (
            value is None or _whole(value) or (isinstance(value, str) and bool(re.fullmatch("[0-9]+", value)))
        ),
        "a number, or null",
    ),
    "mac-address": _TEXT,
}


def check_own(body: dict[str, Any]) -> None:
    """Check the properties of a link itself.

    Raises:
        HmcError: 400,6 the HMC gives one; 400,7 one has a value that it cannot have.
    """
    given = sorted(GIVEN & body.keys())
    if given:
        raise HmcError(400, 6, f"Property is not writable: {', '.join(given)}")
    _check(body, _FIELDS)


def _check(values: dict[str, Any], checks: dict[str, _Check]) -> None:
    for name, (fits, what) in checks.items():
        if name in values and not fits(values[name]):
            raise HmcError(400, 7, f"The field {name} of the request body is not {what}.")


def connections(console: Console, body: dict[str, Any], name: str) -> list[End]:
    """Partitions with what is wanted of their NICs.

    Raises:
        HmcError: 400,5 or 400,7 that is no such thing; 400,8 too many NICs, or one twice; 404,2 no such partition.
    """
    return check_ends(
        [
            (named(console, item, "partition-uri", "partition"), {**item, "nics": _nics(item)})
            for item in _objects(body, name)
        ]
    )


def nics_of(wanted: dict[str, Any]) -> int:
    """How many NICs are wanted of one partition."""
    number: int = wanted.get("number-of-nics", 1)
    return max(number, len(wanted.get("nics", ())))


def _nics(item: dict[str, Any]) -> list[dict[str, Any]]:
    _check(item, {"number-of-nics": (lambda value: _whole(value, 1), f"a whole number from 1 to {_WHOLE}")})
    nics = [dict(nic) for nic in _objects(item, "nics")]
    for nic in nics:
        _check(nic, _NIC_FIELDS)
    return nics


def partitions(console: Console, body: dict[str, Any], name: str) -> list[End]:
    """Partitions by their URIs.

    Raises:
        HmcError: 400,7 that is no array of URIs; 400,8 too many, or one twice; 404,2 no such partition.
    """
    uris = optional(body, name, list, [])
    if not all(isinstance(uri, str) for uri in uris):
        raise HmcError(400, 7, f"The field {name} of the request body holds something that is no string.")
    return check_ends([(found(console, uri, "partition"), {}) for uri in uris])


def check_ends(ends: list[End]) -> list[End]:
    """The same, if they are not too many, and each partition is named once.

    Raises:
        HmcError: 400,8: they are not so.
    """
    if sum(nics_of(wanted) for _, wanted in ends) > MOST_NICS:
        raise HmcError(400, BEYOND, f"The request asks for more than {MOST_NICS} NICs.")
    twice = [uri for uri, count in Counter(partition.uri for partition, _ in ends).items() if count > 1]
    if twice:
        raise HmcError(400, BEYOND, f"The request names a partition twice: {twice[0]}")
    return ends


def paths(console: Console, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The paths of a new CTC link, without devices.

    Raises:
        HmcError: 400,5 or 400,7: one is none; 400,8: too many; 404,2: an adapter is not there.
    """
    wanted = _objects(body, "paths")
    if len(wanted) > MOST_PATHS:
        raise HmcError(400, BEYOND, f"The field paths has more than {MOST_PATHS} paths.")
    for item in wanted:
        _check(item, {"starting-device-number": _NUMBER})
    return [
        {
            "starting-device-number": item.get("starting-device-number", f"{FIRST_OF_PATH + 0x100 * at:04X}"),
            "adapter-port-info": _port(console, item, "adapter-port-uri"),
            "connecting-adapter-port-info": _port(console, item, "connecting-adapter-port-uri"),
            "devices": [],
        }
        for at, item in enumerate(wanted)
    ]


def _port(console: Console, item: dict[str, Any], name: str) -> dict[str, object]:
    uri = field(item, name, str)
    resource = console.model.hmc.all_resources.get(uri)
    if resource is None:
        raise HmcError(404, 2, f"The request names a port that is not there: {uri}")
    # A port is part of its adapter; zhmcclient's own tests name the adapter itself.
    adapter = resource if resource.manager.uri_prop == "object-uri" else resource.manager.parent
    return {"adapter-uri": adapter.uri, "adapter-name": adapter.name, "port-uri": uri}


def check_devices(paths: int, partitions: int) -> None:
    """Check how many devices a CTC link of so many paths and partitions will have.

    Raises:
        HmcError: 400,8: too many.
    """
    if paths * partitions * (partitions - 1) // 2 > MOST_DEVICES:
        raise HmcError(400, BEYOND, f"The partition link would have more than {MOST_DEVICES} pairs of devices.")


def check_nics(link: Any, added: list[End]) -> None:
    """Check how many NICs a link will have.

    Raises:
        HmcError: 400,8: too many.
    """
    has = sum(len(one.get("nics") or ()) for one in link.properties.get("bus-connections") or ())
    if has + sum(nics_of(wanted) for _, wanted in added) > MOST_DEVICES:
        raise HmcError(400, BEYOND, f"The partition link would have more than {MOST_DEVICES} NICs.")


def _objects(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = optional(body, name, list, [])
    if not all(isinstance(item, dict) for item in items):
        raise HmcError(400, 7, f"The field {name} of the request body holds something that is no object.")
    return items

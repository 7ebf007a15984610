"""Whose a NIC is: in a DPM cloud its description says so, in networking-dpm's words."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

OWNER = "OpenStack"
_MAC = re.compile(r"mac=((?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})")
"""As networking-dpm looks for it (`DPMManager._extract_mac`)."""


def mac_of(description: str, host: str) -> str:
    """The MAC address in a NIC's description, if that says that the NIC is this host's; else empty."""
    found = _MAC.search(description)
    if not found or not description.startswith(OWNER) or host not in description:
        return ""
    return found[1].lower()


def given_to(definition: dict[str, Any], host: str, other: str, new_mac: Callable[[str], str]) -> dict[str, Any]:
    """A copy of an HMC definition in which what was one host's is another's, with other MAC addresses.

    A control plane that several trials share wants hosts and MAC addresses that no other trial has.
    """
    changed = copy.deepcopy(definition)
    for properties in _nics(changed):
        description = str(properties.get("description", ""))
        mac = mac_of(description, host)
        if mac:
            at = description.lower().index(mac)
            moved = description[:at] + new_mac(mac) + description[at + len(mac) :]
            properties["description"] = moved.replace(host, other)
    return changed


def _nics(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cpc in definition["hmc_definition"].get("cpcs") or ():
        for partition in cpc.get("partitions") or ():
            for nic in partition.get("nics") or ():
                yield nic["properties"]

"""Device numbers and WWPNs that the HMC chooses: the mock model's pools know nothing of what the inventory has.

A device number is unique in its partition. A WWPN is unique everywhere, where the mock model begins anew with each
partition.
"""

from __future__ import annotations

from typing import Any

from zhmcclient.mock._hmc import FakedPartition  # not exported by the mock's __init__
from zhmcclient.mock._idpool import IdPool  # likewise

_FIRST, _LAST = 0x8000, 0xFFFF
"""As in the mock model: all of a device number, and the end of a WWPN."""
_WWPN = "affeaffe0000"
"""The begin of every WWPN that the mock model makes."""


class NewNumbers:
    """Gives partitions pools that give nothing twice."""

    def __init__(self, hmc: Any) -> None:
        self._wwpns = _Wwpns(hmc)

    def of(self, resource: Any) -> None:
        """Let a partition, if it is one, take its numbers from here."""
        if isinstance(resource, FakedPartition):
            resource._devno_pool = _DeviceNumbers(resource)
            resource._wwpn_pool = self._wwpns


class _DeviceNumbers(IdPool):  # type: ignore[misc]  # zhmcclient.mock has no types
    def __init__(self, partition: Any) -> None:
        super().__init__(_FIRST, _LAST)
        self._partition = partition

    def alloc(self) -> int:
        owners = (self._partition.nics, self._partition.hbas, self._partition.virtual_functions)
        there = {str(item.properties.get("device-number")).upper() for owner in owners for item in owner.list()}
        while f"{(number := int(super().alloc())):04X}" in there:
            pass
        return number


class _Wwpns(IdPool):  # type: ignore[misc]  # likewise
    def __init__(self, hmc: Any) -> None:
        super().__init__(_FIRST, _LAST)
        self._hmc = hmc

    def alloc(self) -> int:
        there = {
            str(resource.properties.get(name)).lower()
            for resource in self._hmc.all_resources.values()
            for name in ("wwpn", "world-wide-port-name")
            if name in resource.properties
        }
        while f"{_WWPN}{(number := int(super().alloc())):04x}" in there:
            pass
        return number

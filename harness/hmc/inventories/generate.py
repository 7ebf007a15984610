"""Large inventories: CPCs in DPM mode with partitions and NICs, for load and scale. One seed gives the same bytes."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Any

from harness.errors import BadInput

NICS_PER_PORT = 1000
"""For how many NICs there is one network port with its virtual switch. (A real card has less; nothing counts here.)"""
PORTS_PER_ADAPTER = 2

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large an inventory is."""

    cpcs: int = 1
    partitions: int = 10
    """Of each CPC."""
    nics: int = 2
    """Of each partition."""

    def __post_init__(self) -> None:
        """Refuse what makes no HMC.

        Raises:
            BadInput: no CPC, or less than no partition or NIC.
        """
        if self.cpcs < 1 or self.partitions < 0 or self.nics < 0:
            raise BadInput("an HMC has at least 1 CPC, and no less than 0 partitions and NICs")
        if self.nics > MOST_NICS:
            raise BadInput(f"a partition can have {MOST_NICS} NICs at most: that many device numbers there are")


MOST_NICS = 0x7FFF


def generate(size: Size, seed: int = 0) -> Definition:
    """An inventory in zhmcclient's mock definition format."""
    maker = _Maker(size, random.Random(seed))  # noqa: S311 - the same seed has to give the same inventory
    console = {"name": "hmc-1", "version": "2.16.0", "description": "Generated mock HMC", "network-info": {}}
    user = {"object-id": maker.uuid(), "name": "zhmc", "description": "The user of examples", "type": "standard"}
    return {
        "hmc_definition": {
            "host": "hmc-1",
            "api_version": "4.10",
            "consoles": [{"properties": console, "users": [{"properties": user}]}],
            "cpcs": [maker.cpc(number) for number in range(1, size.cpcs + 1)],
        }
    }


class _Maker:
    def __init__(self, size: Size, chance: random.Random) -> None:
        self._size = size
        self._chance = chance
        self._macs = 0

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def cpc(self, number: int) -> Definition:
        ports = max(1, -(-self._size.partitions * self._size.nics // NICS_PER_PORT))
        adapters = [self._adapter(index) for index in range(-(-ports // PORTS_PER_ADAPTER))]
        switches = [self._switch(adapter, port) for adapter in adapters for port in range(PORTS_PER_ADAPTER)]
        uris = [f"/api/virtual-switches/{switch['properties']['object-id']}" for switch in switches]
        return {
            "properties": {
                "object-id": self.uuid(),
                "name": f"cpc-{number}",
                "description": "Generated CPC in DPM mode",
                "machine-type": "3931",
                "machine-model": "A01",
                "machine-serial-number": f"{number:012d}",
                "se-version": "2.16.0",
                "status": "active",
                "acceptable-status": ["active"],
                "has-unacceptable-status": False,
                "dpm-enabled": True,
                "is-ensemble-member": False,
                "iml-mode": "dpm",
                "processor-count-ifl": 8,
                "processor-count-general-purpose": 4,
                "storage-customer": 262144,
                "available-features-list": [],
            },
            "adapters": adapters,
            "virtual_switches": switches,
            "partitions": [self._partition(index, uris) for index in range(1, self._size.partitions + 1)],
        }

    def _adapter(self, index: int) -> Definition:
        ports = [
            {"properties": {"element-id": str(port), "name": f"Port {port}", "description": "", "index": port}}
            for port in range(PORTS_PER_ADAPTER)
        ]
        return {
            "properties": {
                "object-id": self.uuid(),
                "name": f"osa-{index + 1}",
                "description": "OSA-Express7S",
                "adapter-id": f"{0x100 + index:03x}",
                "adapter-family": "osa",
                "type": "osd",
                "detected-card-type": "osa-express-7s-gbe",
                "card-location": f"A14B-D{101 + index}-J.01",
                "port-count": PORTS_PER_ADAPTER,
                "state": "online",
                "status": "active",
                "physical-channel-status": "operating",
                "channel-path-id": f"{index % 256:02x}",
            },
            "ports": ports,
        }

    def _switch(self, adapter: Definition, port: int) -> Definition:
        of = adapter["properties"]
        return {
            "properties": {
                "object-id": self.uuid(),
                "name": f"vswitch-{of['name']}-{port}",
                "description": "",
                "type": "osd",
                "backing-adapter-uri": f"/api/adapters/{of['object-id']}",
                "port": port,
            }
        }

    def _partition(self, index: int, switches: list[str]) -> Definition:
        active = self._chance.random() < 0.8  # most of what one sees in a data centre runs
        return {
            "properties": {
                "object-id": self.uuid(),
                "name": f"part-{index}",
                "description": "",
                "partition-id": f"{index % 256:02x}",
                "type": "linux",
                "status": "active" if active else "stopped",
                "acceptable-status": ["active", "stopped"],
                "has-unacceptable-status": False,
                "auto-start": False,
                "processor-mode": "shared",
                "ifl-processors": self._chance.randint(1, 4),
                "cp-processors": 0,
                "cp-absolute-processor-capping": False,
                "ifl-absolute-processor-capping": False,
                "initial-ifl-processing-weight": 100,
                "initial-memory": 4096,
                "maximum-memory": 4096,
                "boot-device": "test-operating-system",
            },
            "nics": [self._nic(number, switches) for number in range(1, self._size.nics + 1)],
        }

    def _nic(self, number: int, switches: list[str]) -> Definition:
        self._macs += 1
        tail = ":".join(f"{byte:02x}" for byte in self._macs.to_bytes(4))
        return {
            "properties": {
                "element-id": self.uuid(),
                "name": f"nic-{number}",
                "description": "",
                "type": "osd",
                "device-number": f"{0x8000 + number:04x}",
                "mac-address": f"02:d2:{tail}",
                "virtual-switch-uri": self._chance.choice(switches),
            }
        }

"""A NIC comes, behind the agent's back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from harness.core import commands
from harness.core.commands import Command
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNic:
    """Somebody else creates a NIC for the agent on the HMC, with its Neutron port."""

    partition: Annotated[str, Says("name of the partition in the inventory")]
    nic: Annotated[str, Says("name of the new NIC")]
    mac: Annotated[str, Says("its MAC address, by which Neutron knows it")]

    def __post_init__(self) -> None:
        """Refuse what is no MAC address."""
        if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", self.mac):
            raise ValueError(f"mac {self.mac!r} is not a MAC address; write it as in fa:16:3e:00:00:03")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.AddNic(partition=self.partition, nic=self.nic, mac=self.mac)

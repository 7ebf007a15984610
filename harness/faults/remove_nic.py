"""A NIC goes, behind the agent's back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core import commands
from harness.core.commands import Command
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNic:
    """Somebody else deletes a NIC on the HMC."""

    partition: Annotated[str, Says("name of the partition in the inventory")]
    nic: Annotated[str, Says("name of the NIC")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.RemoveNic(partition=self.partition, nic=self.nic)

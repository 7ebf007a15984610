"""A partition's status changes, behind the agent's back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import Command, SetPartitionStatus
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionStatus:
    """A partition gets another status on the HMC, and who listens to notifications is told."""

    partition: Annotated[str, Says("name of the partition in the inventory")]
    status: Annotated[str, Says("the new status, such as active, stopped or degraded")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return SetPartitionStatus(partition=self.partition, status=self.status)

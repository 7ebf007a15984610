"""The message bus is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class BusStopped:
    """A real Neutron's RabbitMQ is stopped, and with it every connection of the server and its agents; healing starts
    it again. The trial has Neutron for itself. To touch the agent's connections alone: channel: bus."""

    healing: ClassVar[str] = (
        "RabbitMQ is started, with the queues that it keeps; it takes connections when the healing is done."
    )
    witness: ClassVar[str] = (
        "connections of the agent that were open when RabbitMQ went; an agent without one is not met"
    )

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.StopBus()

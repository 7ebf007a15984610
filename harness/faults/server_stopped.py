"""Nobody at the other end of the message bus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStopped:
    """A real Neutron's neutron-rpc-server is stopped while RabbitMQ lives: what an agent reports waits in a queue, and
    what it asks is not answered, until healing starts the server again. The API answers all the time, so that the agent
    is seen. The trial has Neutron for itself."""

    healing: ClassVar[str] = "neutron-rpc-server is started, and finds in the queues what waited for it."
    witness: ClassVar[str] = (
        "bytes that the agent sent to the message bus while no server took them; its AMQP heartbeats, if any, too"
    )

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.StopServer()

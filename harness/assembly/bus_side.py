"""Faults of a real Neutron's message bus itself; what happens on the way to it is the relay's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.control_plane.neutron import Kept
from harness.core.commands import Command, StopBus
from harness.core.events import Touched
from harness.core.interfaces import Recorder
from harness.engines.relay import Relay
from harness.errors import EngineFailed


@dataclass(slots=True)
class BusEngine:
    """Stops and starts RabbitMQ. Its witness are the agent's connections, which the relay sees end."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({StopBus})
    HEAL_WITHIN_S: ClassVar[float] = 60.0
    """RabbitMQ's start takes 5 s on a quiet machine."""

    neutron: Kept
    relay: Relay
    recorder: Recorder

    async def begin(self, step: int, command: Command) -> None:
        """Stop it; returns when it is gone.

        Raises:
            EngineFailed: it cannot be stopped.
        """
        if not isinstance(command, StopBus):
            raise EngineFailed(f"a message bus cannot carry out {type(command).__name__}")
        connections = self.relay.open_connections
        await self.neutron.order("stop broker")
        if connections:
            words = f"RabbitMQ was stopped, and with it {connections} connections of the agent"
            self.recorder.record(Touched(step=step, what=words))

    async def heal(self, step: int) -> None:  # noqa: ARG002 - there is one bus
        """Start it; returns when it takes connections.

        Raises:
            EngineFailed: it does not start.
        """
        await self.neutron.order("start broker")

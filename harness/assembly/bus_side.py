"""Faults of a real Neutron itself, at the other end of the message bus; what happens on the way is the relay's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from harness.control_plane.neutron import Turn
from harness.core.commands import Command, StopBus, StopServer
from harness.core.events import Touched
from harness.core.interfaces import Recorder
from harness.engines.relay import Relay
from harness.errors import EngineFailed

STOPS: dict[type[Command], str] = {StopBus: "broker", StopServer: "server"}
"""Which part of Neutron a command stops."""


@dataclass(slots=True)
class BusEngine:
    """Stops and starts RabbitMQ or neutron-rpc-server. The relay before the bus sees what that does to the agent."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset(STOPS)
    HEAL_WITHIN_S: ClassVar[float] = 60.0
    """RabbitMQ's start takes 5 s on a quiet machine, neutron-rpc-server's 3 s."""

    neutron: Turn
    relay: Relay
    recorder: Recorder
    _stopped: dict[int, str] = field(default_factory=dict)
    """By step in force: the part that it has stopped."""
    _healed: set[str] = field(default_factory=set)
    """Parts to be started as soon as no step in force keeps them from it."""

    async def begin(self, step: int, command: Command) -> None:
        """Stop it; returns when it is gone.

        Raises:
            EngineFailed: it cannot be stopped.
        """
        part = STOPS.get(type(command))
        if part is None:
            raise EngineFailed(f"Neutron cannot carry out {type(command).__name__}")
        connections = self.relay.open_connections
        self._stopped[step] = part
        await self.neutron.order(f"stop {part}")
        if isinstance(command, StopServer):
            self.relay.observe(step, command)
        elif connections:
            words = f"RabbitMQ was stopped, and with it {connections} connections of the agent"
            self.recorder.record(Touched(step=step, what=words))

    async def heal(self, step: int) -> None:
        """Start it; returns when it takes connections, or messages.

        Raises:
            EngineFailed: it does not start.
        """
        if part := self._stopped.pop(step, ""):
            self.relay.stop_observing(step)
            self._healed.add(part)
            await self._start_what_may()

    async def _start_what_may(self) -> None:
        """Steps may overlap: what another one has stopped stays so, and a server without its broker cannot start."""
        away = set(self._stopped.values())
        for part, needs in (("broker", {"broker"}), ("server", {"broker", "server"})):
            if part in self._healed and not needs & away:
                self._healed.discard(part)
                await self.neutron.order(f"start {part}")

"""The relays of a trial as one engine: a fault of the network reaches the API, the notifications, both, or the bus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Channel, Command, ConnectionCommand
from harness.engines.relay.relay import Relay
from harness.errors import EngineFailed


@dataclass(frozen=True, slots=True)
class Channels:
    """Hands each command to the relays of its channel."""

    CARRIES: ClassVar[frozenset[type[Command]]] = Relay.CARRIES

    api: Relay
    notifications: Relay | None
    """None where the HMC sends no notifications."""
    bus: Relay | None = None
    """None where no agent reports to a real Neutron."""

    async def begin(self, step: int, command: Command) -> None:
        """See `Engine.begin`."""
        begun: list[Relay] = []
        try:
            for relay in self._meant(step, command):
                await relay.begin(step, command)
                begun.append(relay)
        except EngineFailed:
            for relay in begun:
                await relay.heal(step)
            raise

    async def heal(self, step: int) -> None:
        """See `Engine.heal`. One relay that cannot does not keep the other one from it."""
        failures: list[str] = []
        for relay in (self.api, self.notifications, self.bus):
            try:
                if relay is not None:
                    await relay.heal(step)
            except EngineFailed as error:
                failures.append(str(error))
        if failures:
            raise EngineFailed("; ".join(failures))

    def _meant(self, step: int, command: Command) -> list[Relay]:
        channel = command.channel if isinstance(command, ConnectionCommand) else Channel.API
        if channel is Channel.API:
            return [self.api]
        if channel is Channel.BUS:
            if self.bus is None:
                raise EngineFailed(f"relay: step {step}: there is no message bus: --control-plane neutron")
            return [self.bus]
        if self.notifications is None:
            why = "no profile of this trial says notifications: true"
            raise EngineFailed(f"relay: step {step}: the HMC sends no notifications, since {why}")
        return [self.notifications] if channel is Channel.NOTIFICATIONS else [self.api, self.notifications]

"""The relays of a trial as one engine: a fault of the network reaches the API, the notifications, both, or the bus.

Where a trial has an alternate HMC, it reaches the API of the first one, of the alternate, or of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Address, Channel, Command, ConnectionCommand
from harness.engines.relay.relay import Relay
from harness.errors import EngineFailed


@dataclass(frozen=True, slots=True)
class Channels:
    """Hands each command to the relays of its channel and its address."""

    CARRIES: ClassVar[frozenset[type[Command]]] = Relay.CARRIES

    api: Relay
    notifications: Relay | None
    """None where the HMC sends no notifications."""
    bus: Relay | None = None
    """None where no agent reports to a real Neutron."""
    alternate: Relay | None = None
    """Before the API of the alternate HMC; None where no program is told one."""

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
        for relay in (self.api, self.notifications, self.bus, self.alternate):
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
            return self._at(step, command.address if isinstance(command, ConnectionCommand) else Address.FIRST)
        if channel is Channel.BUS:
            if self.bus is None:
                raise EngineFailed(f"relay: step {step}: there is no message bus: --control-plane neutron")
            return [self.bus]
        if self.notifications is None:
            why = "no profile of this trial says notifications: true"
            raise EngineFailed(f"relay: step {step}: the HMC sends no notifications, since {why}")
        return [self.notifications] if channel is Channel.NOTIFICATIONS else [self.api, self.notifications]

    def _at(self, step: int, address: Address) -> list[Relay]:
        if address is Address.FIRST:
            return [self.api]
        if self.alternate is None:
            raise EngineFailed(
                f"relay: step {step}: there is no alternate HMC, since no program is told {{hmc_alternate}}"
            )
        return [self.alternate] if address is Address.ALTERNATE else [self.api, self.alternate]

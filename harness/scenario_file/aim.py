"""What a step's command is aimed at: a port of the HMC, one of two HMCs, and one of its connections alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.core.commands import (
    Address,
    Channel,
    Command,
    ConnectionCommand,
    ConsoleCommand,
    NotificationCommand,
    StreamCommand,
)

_INSTEAD = "take this line out, or use a fault of bytes such as hang, stall, reset or drop"


@dataclass(frozen=True, slots=True)
class Aim:
    """What an entry of a timeline says that it reaches; None: it does not say."""

    channel: Channel | None = None
    address: Address | None = None
    connection: int | None = None

    def at(self, command: Command) -> Command:
        """The command for this channel, address and connection; what cannot be aimed so is left as it is."""
        if self.channel is not None and isinstance(command, ConnectionCommand):
            command = replace(command, channel=self.channel)
        if self.address is not None and isinstance(command, ConnectionCommand | ConsoleCommand):
            command = replace(command, address=self.address)
        if self.connection is not None and isinstance(command, StreamCommand):
            command = replace(command, connection=self.connection)
        return command


def unaddressed(what: str, commands: Sequence[Command], aim: Aim, *, has_alternate: bool) -> str | None:
    """Why a step with these commands cannot name an address, and what to do instead; None if it can.

    What sees HTTP, TLS or names stands before the first address alone, so a composition with such a phase does.
    """
    if not all(isinstance(command, ConnectionCommand | ConsoleCommand) for command in commands):
        return f"{what} can be aimed at no address, only faults of connections can; take this line out"
    if not has_alternate:
        advice = "take this line out, or choose an agent whose profile has {hmc_alternate}"
        return f"nobody in this scenario is told an alternate HMC; {advice}"
    if aim.channel not in (None, Channel.API):
        return "an alternate HMC has the API alone; take this line out, or write channel: api"
    return None


def misaimed(what: str, commands: Sequence[Command], aim: Aim, *, is_composed: bool) -> str | None:
    """Why a step with these commands cannot name one connection, and what to do instead; None if it can.

    A composition is never passed on in part: what happens to a whole console spares no connection.
    """
    if not any(isinstance(command, ConnectionCommand) for command in commands):
        return f"{what} is no fault of connections; take this line out"
    if is_composed:
        return f"{what} happens to the whole HMC, in phases; {_INSTEAD}"
    if not all(isinstance(command, StreamCommand) for command in commands):
        return f"{what} acts on the port and not on one connection; {_INSTEAD}"
    if aim.address is Address.BOTH:
        return "each HMC counts its own connections, so one of both is two; write address: first or alternate"
    if aim.channel is Channel.BOTH:
        return "each port counts its own connections, so one of both is two; write channel: api or notifications"
    return None


def needs_notifications(command: Command) -> bool:
    """Whether it can only touch somebody who listens to notifications."""
    if isinstance(command, ConnectionCommand):
        return command.channel in (Channel.NOTIFICATIONS, Channel.BOTH)
    return isinstance(command, NotificationCommand)


def target(command: Command) -> str:
    """What a step is aimed at, for people, where that is not what nearly all are: every connection to the API."""
    where = _AT[command.address] if isinstance(command, ConnectionCommand | ConsoleCommand) else ""
    if not isinstance(command, ConnectionCommand):
        return where
    one = command.connection if isinstance(command, StreamCommand) else None
    which = f" of connection {one}" if one is not None else ""
    return (which if command.channel is Channel.API else f"{which} of {command.channel}") + where


_AT = {Address.FIRST: "", Address.ALTERNATE: " at the alternate address", Address.BOTH: " at both addresses"}

"""What a step's command is aimed at: a port of the HMC, and one of its connections alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.core.commands import Channel, Command, ConnectionCommand, NotificationCommand, StreamCommand

_INSTEAD = "take this line out, or use a fault of bytes such as hang, stall, reset or drop"


def aimed(command: Command, channel: Channel | None, connection: int | None) -> Command:
    """The command for this channel and this connection; what cannot be aimed so is left as it is."""
    if channel is not None and isinstance(command, ConnectionCommand):
        command = replace(command, channel=channel)
    if connection is not None and isinstance(command, StreamCommand):
        command = replace(command, connection=connection)
    return command


def misaimed(what: str, commands: Sequence[Command], channel: Channel | None, *, is_composed: bool) -> str | None:
    """Why a step with these commands cannot name one connection, and what to do instead; None if it can.

    A composition is never passed on in part: what happens to a whole console spares no connection.
    """
    if not any(isinstance(command, ConnectionCommand) for command in commands):
        return f"{what} is no fault of connections; take this line out"
    if is_composed:
        return f"{what} happens to the whole HMC, in phases; {_INSTEAD}"
    if not all(isinstance(command, StreamCommand) for command in commands):
        return f"{what} acts on the port and not on one connection; {_INSTEAD}"
    if channel is Channel.BOTH:
        return "each port counts its own connections, so one of both is two; write channel: api or notifications"
    return None


def needs_notifications(command: Command) -> bool:
    """Whether it can only touch somebody who listens to notifications."""
    if isinstance(command, ConnectionCommand):
        return command.channel in (Channel.NOTIFICATIONS, Channel.BOTH)
    return isinstance(command, NotificationCommand)


def target(command: Command) -> str:
    """What a step is aimed at, for people, where that is not what nearly all are: every connection to the API."""
    if not isinstance(command, ConnectionCommand):
        return ""
    one = command.connection if isinstance(command, StreamCommand) else None
    which = f" of connection {one}" if one is not None else ""
    return which if command.channel is Channel.API else f"{which} of {command.channel}"

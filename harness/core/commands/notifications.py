"""What the HMC's message broker does to those who listen to it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands.base import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCommand(Command):
    """Base of commands that need to see the frames between the HMC's message broker and those who listen to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseListeners(NotificationCommand):
    """Whoever logs on to the broker gets an ERROR frame, and is hung up on; who is logged on stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdNotifications(NotificationCommand):
    """Subscriptions stand and heart-beats go on, but no message is sent."""

    kept: bool
    """The healing sends what was withheld, in order; otherwise it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatNotifications(NotificationCommand):
    """Each message arrives so many times, the same frame each time."""

    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapNotifications(NotificationCommand):
    """Of each two messages to one client the second one is sent first; the healing sends one that still waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallHeartbeats(NotificationCommand):
    """The broker sends no heart-beats, whatever it has promised; messages go on."""

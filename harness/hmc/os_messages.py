"""What operating systems write to their consoles, and who has opened a channel to read it.

There is no operating system here: what is sent to it is echoed as a message, and tests write others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.hmc.changes import Change, OsMessage
from harness.hmc.clock import Clock
from harness.hmc.journal import subject_of

KEPT = 1000
"""So many messages of each system are kept; the oldest go first, and leave a gap in the sequence numbers."""


@dataclass(slots=True)
class _System:
    messages: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=KEPT))
    written: int = 0


class OsMessages:
    """Messages and channels of one HMC, by the URI of a partition or LPAR.

    `tell` is told of each message; `number` gives the next number for a purpose.
    """

    def __init__(self, clock: Clock, tell: Callable[[Change], None], number: Callable[[str], int]) -> None:
        self._clock = clock
        self._tell = tell
        self._number = number
        self._systems: dict[str, _System] = {}
        self._channels: dict[str, dict[str, str]] = {}
        """Topic by session id, by URI."""

    def write(self, resource: Any, text: str, *, held: bool = False, priority: bool = False) -> None:
        """The system in this partition or LPAR writes a message."""
        system = self._systems.setdefault(resource.uri, _System())
        message: dict[str, object] = {
            "message-id": system.written,
            "sequence-number": system.written,
            "message-text": text,
            "is-held": held,
            "is-priority": priority,
            "prompt-text": "",
            "sound-alarm": False,
            "timestamp": self._clock.now_ms(),
            "os-name": resource.properties.get("os-name") or "",
        }
        system.written += 1
        system.messages.append(message)
        for topic in self._channels.get(resource.uri, {}).values():
            self._tell(OsMessage(subject=subject_of(resource), topic=topic, message=message))

    def of(self, uri: str) -> list[dict[str, object]]:
        """The messages that are kept, the oldest first."""
        system = self._systems.get(uri)
        return list(system.messages) if system else []

    def open_channel(self, uri: str, session_id: str, user: str) -> str | None:
        """The topic of a new channel of this session; None if it has one already."""
        channels = self._channels.setdefault(uri, {})
        if session_id in channels:
            return None
        channels[session_id] = f"{user}.os{self._number('OS message topic')}"
        return channels[session_id]

    def channels_of(self, session_id: str) -> list[tuple[str, str]]:
        """URI and topic of each channel of a session, in no particular order of opening."""
        return [(uri, channels[session_id]) for uri, channels in self._channels.items() if session_id in channels]

    def has_topic(self, name: str) -> bool:
        """Whether a channel with this topic is open."""
        return any(name in channels.values() for channels in self._channels.values())

    def close_channels(self, session_id: str) -> None:
        """A session has ended."""
        for channels in self._channels.values():
            channels.pop(session_id, None)

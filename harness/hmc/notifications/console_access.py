"""The console as the message broker sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.hmc.notifications.access import topics_of
from harness.hmc.operations import Console


@dataclass(frozen=True, slots=True)
class ConsoleAccess:
    """Asks the console that is running now: a restart makes a new one."""

    console: Callable[[], Console]
    tell_changes: Callable[[], object]
    """Tells what has just been logged to those who listen."""

    def may_connect(self, login: str, passcode: str) -> bool:
        """Whether this is a user and his password, or a session id and its credential."""
        try:
            return self.console().sessions.may_listen(login, passcode)
        finally:
            self.tell_changes()

    def has_topic(self, name: str) -> bool:
        """Whether a session that is logged on has this topic, or an OS message channel."""
        if any(name in topics_of(topic) for topic in self.session_topics()):
            return True
        return self.console().os_messages.has_topic(name)

    def session_topics(self) -> list[str]:
        """The object topic of each session that is logged on."""
        return self.console().sessions.topics()

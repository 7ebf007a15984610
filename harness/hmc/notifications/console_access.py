"""The console as the message broker sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.hmc.changes import LogEntry, LogKind, ObjectChange
from harness.hmc.notifications.access import topics_of
from harness.hmc.operations import Console
from harness.hmc.permissions import Permissions
from harness.hmc.sessions import Session

TASK_OF_LOG = {LogKind.AUDIT: "Audit and Log Management", LogKind.SECURITY: "View Security Logs"}
"""What one needs to read a log: for Get Console Audit Log and Get Console Security Log it is the same."""


@dataclass(frozen=True, slots=True)
class ConsoleAccess:
    """Asks the console."""

    console: Console
    tell_changes: Callable[[], object]
    """Tells what has just been logged to those who listen."""

    def may_connect(self, login: str, passcode: str) -> bool:
        """Whether this is a user and his password, or a session id and its credential."""
        try:
            return self.console.sessions.may_listen(login, passcode)
        finally:
            self.tell_changes()

    def has_topic(self, name: str) -> bool:
        """Whether a session that is logged on has this topic, or an OS message channel."""
        if any(name in topics_of(topic) for topic in self.console.sessions.topics()):
            return True
        return self.console.os_messages.has_topic(name)

    def learn_of(self, change: ObjectChange | LogEntry) -> list[str]:
        """The object topic of each session that is logged on and whose user may learn of the change."""
        console = self.console
        return [session.topic for session in console.sessions.opened() if _may_learn(console, session, change)]


def _may_learn(console: Console, session: Session, change: ObjectChange | LogEntry) -> bool:
    permissions = Permissions.of(console.model, session.user_uri)
    if permissions is None:
        return True
    if isinstance(change, LogEntry):
        return permissions.has_task(TASK_OF_LOG[change.log])
    subject = change.subject
    return permissions.sees_subject(subject.uri, subject.kind)

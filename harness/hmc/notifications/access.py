"""Who may listen to notifications, and which topics there are.

A real HMC has these for each session of its API, by the API book's "Per-session notification topics"; the endings are
those of zhmcclient's own example:

    user.7      objects: inventory, properties, status
    user.7job   jobs that this session began
    user.7aud   the console's audit log
    user.7sec   the console's security log

and one more for each partition whose OS message channel was opened. Whoever logs on to the broker, with any user of the
HMC or with a session id and its credential, may listen to every topic whose name he knows. What is told on a session's
topics is what its user may see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from harness.hmc.changes import Change, JobCompletion, LogEntry, LogKind, ObjectChange, OsMessage

LOG_ENDINGS = {LogKind.AUDIT: "aud", LogKind.SECURITY: "sec"}
JOB_ENDING = "job"


class Access(Protocol):
    """What the console knows of its users, sessions and topics."""

    def may_connect(self, login: str, passcode: str) -> bool:
        """Whether this is a user and his password, or a session id and its credential."""
        ...

    def has_topic(self, name: str) -> bool:
        """Whether there is such a topic now."""
        ...

    def learn_of(self, change: ObjectChange | LogEntry) -> Iterable[str]:
        """The object topic of each session that is logged on and whose user may learn of the change."""
        ...


def topics_of(session_topic: str) -> Iterator[str]:
    """All topics that a session has because it is one, the object topic first."""
    yield session_topic
    for ending in (JOB_ENDING, *LOG_ENDINGS.values()):
        yield f"{session_topic}{ending}"


def addressees(change: Change, access: Access) -> list[str]:
    """The topics on which a change is told."""
    match change:
        case JobCompletion(topic=topic) | OsMessage(topic=topic):
            return [topic]
        case LogEntry(log=log):
            return [f"{topic}{LOG_ENDINGS[log]}" for topic in access.learn_of(change)]
        case _:
            return list(access.learn_of(change))

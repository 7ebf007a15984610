"""Get Notification Topics: those that every session has, and the channels for OS messages that it opened."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

ENDINGS = {"object": "", "job": "job", "audit": "aud", "security": "sec"}
"""What a topic's name has after that of the object topic; `notifications/access.py` knows the same."""


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    topics: list[dict[str, object]] = [
        {"topic-type": f"{kind}-notification", "topic-name": f"{session.topic}{ending}"}
        for kind, ending in ENDINGS.items()
    ]
    topics += [
        {"topic-type": "os-message-notification", "topic-name": topic, "object-uri": uri}
        for uri, topic in console.os_messages.channels_of(session.id)
    ]
    return Answer(status=200, body={"topics": topics})


OPERATION = Operation(method="GET", path="/api/sessions/operations/get-notification-topics", run=_run)

"""Get Notification Topics: the topics that every session has."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    topics = [
        {"topic-type": "object-notification", "topic-name": session.topic},
        {"topic-type": "job-notification", "topic-name": f"{session.topic}job"},
        {"topic-type": "audit-notification", "topic-name": f"{session.topic}aud"},
        {"topic-type": "security-notification", "topic-name": f"{session.topic}sec"},
    ]
    return Answer(status=200, body={"topics": topics})


OPERATION = Operation(method="GET", path="/api/sessions/operations/get-notification-topics", run=_run)

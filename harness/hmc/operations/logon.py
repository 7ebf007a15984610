"""Logon."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, OpenOperation, text_field

NEVER_EXPIRES = -1


def _run(console: Console, call: Call) -> Answer:
    session = console.sessions.logon(text_field(call, "userid"), text_field(call, "password"))
    major, minor = console.model.api_version
    return Answer(
        status=200,
        body={
            "api-session": session.id,
            "notification-topic": session.topic,
            "job-notification-topic": f"{session.topic}job",
            "api-major-version": major,
            "api-minor-version": minor,
            "password-expires": NEVER_EXPIRES,
            "session-credential": session.credential,
        },
    )


OPERATION = OpenOperation(method="POST", path="/api/sessions", run=_run)

"""Logoff."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    console.sessions.logoff(session)
    return Answer(status=204)


OPERATION = Operation(method="DELETE", path="/api/sessions/this-session", run=_run)

"""Restart Console: every session is gone. The mock model would sleep for 5 s in the middle of our loop."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    console.sessions.expire_all()
    return Answer(status=202)


OPERATION = Operation(method="POST", path="/api/console/operations/restart", run=_run)

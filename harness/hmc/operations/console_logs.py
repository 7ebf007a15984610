"""Get Console Audit Log and Get Console Security Log: what this HMC's clients did. The mock model's are empty."""

from __future__ import annotations

from collections.abc import Callable

from harness.hmc.changes import LogKind
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import number
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _reader(kind: LogKind) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
        begin_ms, end_ms = (number(call.query, name, None) for name in ("begin-time", "end-time"))
        return Answer(status=200, body=console.logs.between(kind, begin_ms, end_ms))

    return run


OPERATIONS = (
    Operation(method="GET", path="/api/console/operations/get-audit-log", run=_reader(LogKind.AUDIT)),
    Operation(method="GET", path="/api/console/operations/get-security-log", run=_reader(LogKind.SECURITY)),
)

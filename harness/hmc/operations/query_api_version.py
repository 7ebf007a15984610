"""Query API Version: the one question that nobody has to log on for."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, OpenOperation


def _run(console: Console, call: Call) -> Answer:
    return Answer(status=200, body=console.model.carry_out("GET", call.path, None))


OPERATION = OpenOperation(method="GET", path="/api/version", run=_run)

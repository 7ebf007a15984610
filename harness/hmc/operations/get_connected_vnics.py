"""Get Connected VNICs of a Virtual Switch: a GET, as zhmcclient sends it; the mock model knows it as a POST."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import by_model
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    return Answer(status=200, body=console.model.carry_out("POST", call.path, None))


PATH = "/api/virtual-switches/*/operations/get-connected-vnics"
OPERATIONS = (
    Operation(method="GET", path=PATH, run=_run),
    Operation(method="POST", path=PATH, run=by_model.WRONG_METHOD.run),
)

"""Create User Role: the mock model wants the console to have the role that a new one is based on, as HMCs have it."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import by_model
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

BASE = "hmc-operator-tasks"
"""The system-defined role that a new one is based on where a client names none."""


def _run(console: Console, call: Call, session: Session) -> Answer:
    if not console.model.console.user_roles.list(filter_args={"name": BASE}):
        console.model.console.user_roles.add({"name": BASE, "type": "system-defined", "permissions": []})
    return by_model.OPERATION.run(console, call, session)


OPERATION = Operation(method="POST", path="/api/console/user-roles", run=_run)

"""Metrics contexts: each belongs to the session that created it, and ends with it; others get 404,1.

The mock model knows no sessions. A context that the inventory has is everybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.hmc.errors import unknown_uri
from harness.hmc.exchange import Answer, Call
from harness.hmc.metrics import owner_of, set_owner
from harness.hmc.operations import by_model
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

BASE = "/api/services/metrics/context"


def _create(console: Console, call: Call, session: Session) -> Answer:
    answer = by_model.OPERATION.run(console, call, session)
    set_owner(console.model.resource(answer.headers["Location"]), session.id)
    return answer


def _own(run: Callable[[Console, Call, Session], Answer]) -> Callable[[Console, Call, Session], Answer]:
    def run_if_own(console: Console, call: Call, session: Session) -> Answer:
        context: Any = console.model.resource(call.path)
        if owner_of(context) not in (None, session.id):
            raise unknown_uri(call.path)
        return run(console, call, session)

    return run_if_own


OPERATIONS = (
    Operation(method="POST", path=BASE, run=_create),
    *(Operation(method=method, path=f"{BASE}/*", run=_own(by_model.OPERATION.run)) for method in ("GET", "DELETE")),
)

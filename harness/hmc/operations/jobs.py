"""Query Job Status, Cancel Job, Delete Completed Job Status."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _query(console: Console, call: Call, session: Session) -> Answer:
    return Answer(status=200, body=console.jobs.query(call.path, session.owner))


def _cancel(console: Console, call: Call, session: Session) -> Answer:
    console.jobs.cancel(call.path.removesuffix("/operations/cancel"), session.owner)
    return Answer(status=202)


def _delete(console: Console, call: Call, session: Session) -> Answer:
    console.jobs.delete(call.path, session.owner)
    return Answer(status=204)


OPERATIONS = (
    Operation(method="GET", path="/api/jobs/*", run=_query),
    Operation(method="POST", path="/api/jobs/*/operations/cancel", run=_cancel),
    Operation(method="DELETE", path="/api/jobs/*", run=_delete),
)

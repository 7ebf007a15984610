"""Submit Requests, the aggregation service: each request is carried out as if it had come alone, by any operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.hmc.errors import HmcError, error_body
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, optional
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

PATH = "/api/services/aggregation/submit"
MOST = 10_000
"""More requests than this are refused."""

CarryOut = Callable[[Console, Call, Session], Answer]


def operation(carry_out: CarryOut) -> Operation:
    """The operation; `carry_out` finds and carries out the operation of one request."""

    def run(console: Console, call: Call, session: Session) -> Answer:
        requests = field(body_of(call), "requests", list)
        if len(requests) > MOST:
            raise HmcError(400, 8, f"More than {MOST} requests are submitted at once.")
        return Answer(status=200, body=[_one(console, call, session, item, carry_out) for item in requests])

    return Operation(method="POST", path=PATH, run=run)


def _one(console: Console, call: Call, session: Session, item: Any, carry_out: CarryOut) -> dict[str, object]:
    if not isinstance(item, dict):
        raise HmcError(400, 7, "The field requests holds something that is no object.")
    method, uri = field(item, "method", str), field(item, "uri", str)
    path = uri.partition("?")[0]
    inner = Call(
        number=call.number,
        method=method,
        uri=uri,
        path=path,
        headers={},
        session_id=call.session_id,
        body=item.get("body"),
        user=call.user,
    )
    try:
        _refuse_nonsense(path)
        answer = carry_out(console, inner, session)
    except HmcError as error:
        body = error_body(error, method=method, uri=uri, headers={}, user=call.user, body=inner.body)
        answer = Answer(status=error.status, body=body, reason=error.reason)
    told: dict[str, object] = {
        "status": answer.status,
        "headers": [{"name": name, "value": value} for name, value in answer.headers.items()],
        "body": answer.body,
    }
    number = optional(item, "id", str, "")
    return {**told, "id": number} if number else told


def _refuse_nonsense(path: str) -> None:
    if path == PATH or path.startswith("/api/sessions"):
        raise HmcError(400, 8, f"{path} cannot be one of several requests.")

"""Submit Requests, the aggregation service: each request is carried out as if it had come alone, by any operation.

So each is whole or nothing, and not all of them together; requests of other clients may come between two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.hmc.errors import HmcError, error_body
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, optional
from harness.hmc.operations.operation import Console, Operation, Steps
from harness.hmc.sessions import Session

PATH = "/api/services/aggregation/submit"
MOST = 10_000
"""More requests than this are refused."""

CarryOut = Callable[[Console, Call, Session], Steps[Answer]]


def operation(carry_out: CarryOut) -> Operation:
    """The operation; `carry_out` finds and carries out the operation of one request."""

    def steps(console: Console, call: Call, session: Session) -> Steps[Answer]:
        requests = field(body_of(call), "requests", list)
        if len(requests) > MOST:
            raise HmcError(400, 8, f"More than {MOST} requests are submitted at once.")
        told = []
        for inner, number in [_read(call, item) for item in requests]:  # none is carried out if one cannot be read
            answer = yield from _one(console, inner, session, carry_out)
            told.append({**_told(answer), "id": number} if number else _told(answer))
            yield
        return Answer(status=200, body=told)

    return Operation.in_steps("POST", PATH, steps)


def _read(call: Call, item: Any) -> tuple[Call, str]:
    """One of the requests, and its id."""
    if not isinstance(item, dict):
        raise HmcError(400, 7, "The field requests holds something that is no object.")
    uri = field(item, "uri", str)
    inner = Call(
        number=call.number,
        method=field(item, "method", str),
        uri=uri,
        path=uri.partition("?")[0],
        headers={},
        session_id=call.session_id,
        body=item.get("body"),
        user=call.user,
    )
    return inner, optional(item, "id", str, "")


def _one(console: Console, call: Call, session: Session, carry_out: CarryOut) -> Steps[Answer]:
    try:
        _refuse_nonsense(call.path)
        return (yield from carry_out(console, call, session))
    except HmcError as error:
        body = error_body(error, method=call.method, uri=call.uri, headers={}, user=call.user, body=call.body)
        return Answer(status=error.status, body=body, reason=error.reason)


def _told(answer: Answer) -> dict[str, object]:
    return {
        "status": answer.status,
        "headers": [{"name": name, "value": value} for name, value in answer.headers.items()],
        "body": answer.body,
    }


def _refuse_nonsense(path: str) -> None:
    if path == PATH or path.startswith("/api/sessions"):
        raise HmcError(400, 8, f"{path} cannot be one of several requests.")

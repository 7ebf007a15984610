"""Hardware messages of console and CPCs: list those of a time, request or decline service, who would be called.

The mock model's list knows no time, and it looks a message up by a function that it does not have. Nobody is called;
who would be is made up.
"""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import matching, number, shown, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

NO_SERVICE = 340
"""Reason code of a 400 for a message that has no service, as in zhmcclient's mock model."""
NO_TIME = 1
"""Reason code of a 400 for a time that is no number of milliseconds since 1970."""

_INFORMATION = {
    "service-phone": "0",
    "machine-model": "A01",
    "machine-type": "3931",
    "machine-serial-number": "00-0000000",
    "problem-type": "1",
    "problem-number": 1,
    "problem-data": "",
    "reference-code": "00000000-00000000-00000000",
    "customer-name": "",
    "customer-phone": "",
}


LIST = ("element-uri", "text", "timestamp")


def _list(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    owner = console.model.resource(call.path.rpartition("/")[0])
    query = call.query
    begin, end = number(query, "begin-time", 0, NO_TIME), number(query, "end-time", None, NO_TIME)
    others = {name: text for name, text in query.items() if name not in ("begin-time", "end-time")}
    messages = [
        shown(message, LIST, {})
        for message in matching(owner.hw_messages.list(), others, ())
        if message.properties["timestamp"] >= begin and (end is None or message.properties["timestamp"] <= end)
    ]
    return Answer(status=200, body={"hardware-messages": messages})


def _message(console: Console, call: Call) -> Any:
    message = target(console, call)
    if not message.properties.get("service-supported"):
        raise HmcError(400, NO_SERVICE, f"Hardware message with element-id {message.oid} does not support service.")
    return message


def _request(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    _message(console, call)
    return Answer(status=204)


def _decline(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    message = _message(console, call)
    message.manager.remove(message.oid)
    return Answer(status=204)


def _information(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    message = _message(console, call)
    wanted = call.query.get("delete", "false").lower()  # zhmcclient sends Python's words
    if wanted not in ("true", "false"):
        raise HmcError(400, 1, "The query parameter delete is neither true nor false.")
    if wanted == "true":
        with console.model.transaction():
            message.manager.remove(message.oid)
    return Answer(status=200, body=dict(_INFORMATION))


def _of(machine: str) -> tuple[Operation, ...]:
    begin = f"{machine}/hardware-messages/*/operations"
    return (
        Operation(method="GET", path=f"{machine}/hardware-messages", run=_list),
        Operation(method="POST", path=f"{begin}/request-service", run=_request),
        Operation(method="POST", path=f"{begin}/decline-service", run=_decline),
        Operation(method="GET", path=f"{begin}/get-service-information", run=_information),
    )


OPERATIONS = (*_of("/api/console"), *_of("/api/cpcs/*"))

"""Open OS Message Channel, Send OS Command, List OS Messages, Get ASCII Console WebSocket URI.

For partitions and LPARs. A system that does not run has nothing to say: 409,332.
"""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, number, optional, optional_body, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

KINDS = ("partitions", "logical-partitions")
_RUNNING = frozenset({"active", "degraded", "operating", "exceptions"})


def _running(console: Console, call: Call) -> Any:
    system = target(console, call)
    if system.properties.get("status") not in _RUNNING:
        raise HmcError(409, 332, f"{system.name} does not run an operating system that exchanges messages.")
    return system


def _open(console: Console, call: Call, session: Session) -> Answer:
    system = _running(console, call)
    optional(optional_body(call), "include-refresh-messages", bool, True)
    topic = console.os_messages.open_channel(system.uri, session.id, session.user)
    if topic is None:
        raise HmcError(409, 331, f"This session has a message channel to {system.name} already.")
    return Answer(status=200, body={"topic-name": topic})


def _send(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    system = _running(console, call)
    body = body_of(call)
    text = field(body, "operating-system-command-text", str)
    if not 1 <= len(text) <= 200:
        raise HmcError(400, 7, "The field operating-system-command-text has to have 1 to 200 characters.")
    console.os_messages.write(system, text, priority=optional(body, "is-priority", bool, False))
    return Answer(status=204)


def _list(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    system = _running(console, call)
    query = call.query
    begin, end = number(query, "begin-sequence-number", 0), number(query, "end-sequence-number", None)
    at_most = number(query, "max-messages", 0)
    messages = [
        message
        for message in console.os_messages.of(system.uri)
        if _sequence(message) >= begin
        and (end is None or _sequence(message) <= end)
        and all(query.get(name) in (None, str(message[name]).lower()) for name in ("is-held", "is-priority"))
    ]
    return Answer(status=200, body={"os-messages": messages[: at_most or None]})


def _sequence(message: dict[str, object]) -> int:
    sequence = message["sequence-number"]
    assert isinstance(sequence, int)  # noqa: S101 - written by OsMessages
    return sequence


def _websocket(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    _running(console, call)
    optional(optional_body(call), "force-takeover", bool, False)
    return Answer(status=200, body={"websocket-uri": f"/api/websock/{console.model.new_token()}/1"})


OPERATIONS = (
    *(Operation(method="POST", path=f"/api/{kind}/*/operations/open-os-message-channel", run=_open) for kind in KINDS),
    *(Operation(method="POST", path=f"/api/{kind}/*/operations/send-os-cmd", run=_send) for kind in KINDS),
    *(Operation(method="GET", path=f"/api/{kind}/*/operations/list-os-messages", run=_list) for kind in KINDS),
    Operation(method="POST", path="/api/partitions/*/operations/get-ascii-console-websocket-uri", run=_websocket),
)

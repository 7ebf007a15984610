"""Every operation that has no file of its own: the mock model carries it out.

It knows no HTTP statuses; `statuses.py` has one for each operation. Operations that the model lacks are answered with
404,1, as an HMC too old for them would.
"""

from __future__ import annotations

import logging

from harness.hmc.errors import HmcError, wrong_method
from harness.hmc.exchange import METRICS, Answer, Call
from harness.hmc.handlers import HANDLERS
from harness.hmc.model import MODIFY
from harness.hmc.operations.kit import refuse_given
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.operations.statuses import CREATED, NO_CONTENT, success_of
from harness.hmc.sessions import Session

_LOG = logging.getLogger(__name__)

_LOCATIONS = ("object-uri", "element-uri", "metrics-context-uri")
"""Where an operation that creates something tells its URI."""


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    if call.method == "GET" and call.uri == call.path:
        properties = console.model.shown(call.path)
        if properties is not None:
            return Answer(status=200, body=properties)
    if not HANDLERS.knows(call.path):
        count = console.unknown.add(call.method, call.path)
        _LOG.warning("not there: %s %s (%d so far)", call.method, call.path[:200], count)
    creates_or_updates = call.method == "POST" and "/operations/" not in call.path
    if creates_or_updates and call.body is None:
        console.model.carry_out("GET", call.path, None)  # what is not there is not there, whatever was sent
        raise HmcError(400, 3, "Missing request body")
    if creates_or_updates or call.path.endswith(MODIFY):
        refuse_given(call.body)
    return answer_of(call.method, call.path, console.model.carry_out(call.method, call.uri, call.body))


def answer_of(method: str, path: str, result: object) -> Answer:
    """The answer to an operation that the mock model carried out."""
    if isinstance(result, str):
        return Answer(status=200, body=result, content_type=METRICS)
    status = success_of(method, path)
    if status == NO_CONTENT:
        return Answer(status=status)
    return Answer(status=status, body=result, headers=_location(result) if status == CREATED else {})


def _location(result: object) -> dict[str, str]:
    uris = [str(result[key]) for key in _LOCATIONS if key in result] if isinstance(result, dict) else []
    return {"Location": uris[0]} if uris else {}


def _refuse_method(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    raise wrong_method(call.method, call.path)


OPERATION = Operation(method="*", path="*", run=_run)
WRONG_METHOD = Operation(method="*", path="*", run=_refuse_method)

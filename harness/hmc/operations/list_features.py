"""List Console API Features and List CPC API Features, with their filter, which the mock model does not know."""

from __future__ import annotations

import re

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    features = console.model.carry_out("GET", call.path, None)
    assert isinstance(features, list)  # noqa: S101 - the mock model's type, which mypy cannot know
    try:
        wanted = re.compile(call.query.get("name", ".*"))
    except re.error as error:
        raise HmcError(400, 14, f"The query parameter name is no regular expression: {error}") from error
    return Answer(status=200, body=[name for name in features if wanted.fullmatch(name)])


OPERATIONS = (
    Operation(method="GET", path="/api/console/operations/list-features", run=_run),
    Operation(method="GET", path="/api/cpcs/*/operations/list-features", run=_run),
)

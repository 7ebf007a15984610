"""List Console API Features and List CPC API Features, with their filter, which the mock model does not know."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.filters import Filter
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    features = console.model.carry_out("GET", call.path, None)
    assert isinstance(features, list)  # noqa: S101 - the mock model's type, which mypy cannot know
    wanted = Filter("name", call.query.get("name", ".*"))
    return Answer(status=200, body=[name for name in features if wanted.matches(name)])


OPERATIONS = (
    Operation(method="GET", path="/api/console/operations/list-features", run=_run),
    Operation(method="GET", path="/api/cpcs/*/operations/list-features", run=_run),
)

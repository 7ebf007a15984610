"""Update Virtual Storage Resource Properties, which the mock model lacks."""

from __future__ import annotations

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, found
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

WRITABLE = frozenset({"name", "description", "device-number", "adapter-port-uri"})


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    resource, body = console.model.resource(call.path), body_of(call)
    for name, value in body.items():
        if name not in WRITABLE:
            raise HmcError(400, 6, f"Property is not writable: {name}")
        if not isinstance(value, str):
            raise HmcError(400, 7, f"The field {name} of the request body is not a string.")
    if "adapter-port-uri" in body:
        found(console, body["adapter-port-uri"], "storage-port")
    resource.properties.update(body)
    return Answer(status=204)


OPERATION = Operation(method="POST", path="/api/storage-groups/*/virtual-storage-resources/*", run=_run)

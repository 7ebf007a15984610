"""Update Logical Partition Properties: what an LPAR that is not active allows, too.

The mock model refuses every update then, so that nobody could set the profile that the LPAR shall be activated with.
"""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import by_model
from harness.hmc.operations.kit import body_of
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

ANY_TIME = frozenset({"acceptable-status", "next-activation-profile-name"})
"""They say what shall be, so they can be set whatever the LPAR's status is."""


def _run(console: Console, call: Call, session: Session) -> Answer:
    lpar = console.model.resource(call.path)
    if lpar.manager.parent.dpm_enabled or not set(body_of(call)) <= ANY_TIME:
        return by_model.OPERATION.run(console, call, session)
    lpar.properties.update(body_of(call))
    return Answer(status=204)


OPERATION = Operation(method="POST", path="/api/logical-partitions/*", run=_run)

"""Update Logical Partition Properties, on a CPC that is operating, and what an LPAR that is not active allows, too.

The mock model refuses every update where the CPC's status is `operating`, a classic CPC's best, and where the LPAR is
not active, so that nobody could set the profile that it shall be activated with.
"""

from __future__ import annotations

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import by_model
from harness.hmc.operations.kit import body_of
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

ANY_TIME = frozenset({"acceptable-status", "next-activation-profile-name"})
"""They say what shall be, so they can be set whatever the LPAR's status is."""
OURS = frozenset({"object-id", "object-uri", "class", "parent"})
"""The HMC gives them."""
ACTIVE = frozenset({"exceptions", "not-operating", "operating"})
READY = frozenset({None, "active", "degraded", "exceptions", "operating", "service-required"})
"""Statuses of a CPC that can do something."""


def _run(console: Console, call: Call, session: Session) -> Answer:
    lpar, body = console.model.resource(call.path), body_of(call)
    cpc = lpar.manager.parent
    if cpc.dpm_enabled or cpc.properties.get("status") not in READY or not OURS.isdisjoint(body):
        return by_model.OPERATION.run(console, call, session)  # which refuses
    status = lpar.properties.get("status")
    if status not in ACTIVE and not set(body) <= ANY_TIME:
        raise HmcError(409, 1, f"The status {status} of {lpar.name} allows no other changes than {sorted(ANY_TIME)}.")
    lpar.update(body)
    return Answer(status=204)


OPERATION = Operation(method="POST", path="/api/logical-partitions/*", run=_run)

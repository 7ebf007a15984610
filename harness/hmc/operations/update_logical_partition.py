"""Update Logical Partition Properties. The mock model refuses it where the CPC is ``operating``, as in classic mode.

(zhmcclient 1.26, ``check_valid_cpc_status``; its own Activate CPC gives a CPC that status.) It refuses everything
where the LPAR is not active, too, so that nobody could set the profile that it shall be activated with.
"""

from __future__ import annotations

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, refuse_given
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

ACTIVATED = frozenset({"not-operating", "operating", "exceptions"})
ANY_TIME = frozenset({"acceptable-status", "next-activation-profile-name"})
"""They say what shall be, so they can be set whatever the LPAR's status is."""
REACHABLE = frozenset({"active", "operating", "service-required", "degraded", "exceptions"})


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    lpar, body = console.model.resource(call.path), body_of(call)
    refuse_given(body)
    cpc = lpar.manager.parent
    if str(cpc.properties.get("status", "active")) not in REACHABLE:
        raise HmcError(
            409, 6, f"{cpc.name} has the status {cpc.properties['status']}, in which its LPARs cannot change."
        )
    status = str(lpar.properties.get("status"))
    if status not in ACTIVATED and not set(body) <= ANY_TIME:
        raise HmcError(409, 1, f"Cannot update LPAR properties in status {status}")
    lpar.properties.update(body)
    return Answer(status=204)


OPERATION = Operation(method="POST", path="/api/logical-partitions/*", run=_run)

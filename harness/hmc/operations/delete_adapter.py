"""Delete Hipersocket: the mock model leaves the adapter's port and the virtual switch that it made with it."""

from __future__ import annotations

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    adapter = console.model.resource(call.path)
    switches = [
        switch
        for switch in adapter.manager.parent.virtual_switches.list()
        if switch.properties.get("backing-adapter-uri") == adapter.uri
    ]
    for switch in switches:
        if switch.properties.get("connected-vnic-uris"):
            raise HmcError(
                409, 8, f"NICs are connected to {switch.name}; delete them, or connect them elsewhere, first."
            )
    console.model.carry_out("DELETE", call.uri, None)
    for owned in (*switches, *(adapter.ports.list() if adapter.ports else ())):
        owned.manager.remove(owned.oid)
    return Answer(status=204)


OPERATION = Operation(method="DELETE", path="/api/adapters/*", run=_run)

"""Delete Partition: the mock model forgets what belongs to the partition, and who refers to it."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.kinds import PARTITION_LINKS
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.operations.partition_link_ends import UPDATING, disconnect, partitions_of, settle
from harness.hmc.operations.storage import GROUPS, detach
from harness.hmc.sessions import Session


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    partition = console.model.resource(call.path)
    console.model.carry_out("DELETE", call.uri, None)
    for link in console.model.kinds[PARTITION_LINKS].list():
        if partition.uri in partitions_of(link):
            disconnect(console, link, [partition])
            if link.properties.get("state") != UPDATING:
                settle(link)
    for uri in list(partition.properties.get(GROUPS) or ()):
        group = console.model.hmc.all_resources.get(uri)
        if group:
            detach(partition, group)
    for manager in (partition.nics, partition.hbas, partition.virtual_functions):
        for element in manager.list():
            manager.remove(element.oid)
    return Answer(status=204)


OPERATION = Operation(method="DELETE", path="/api/partitions/*", run=_run)

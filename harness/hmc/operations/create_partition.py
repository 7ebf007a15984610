"""Create Partition: the mock model draws partition id and short name from so few that two soon have the same.

It knows no certificates either, so a new partition would not even have none of them.
"""

from __future__ import annotations

from typing import Any

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import by_model
from harness.hmc.operations.certificates import ASSIGNED, FEATURE
from harness.hmc.operations.kit import optional_body
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

IDS = 256
"""A partition id has two hexadecimal digits."""


def _run(console: Console, call: Call, session: Session) -> Answer:
    answer = by_model.OPERATION.run(console, call, session)
    partition, given = console.model.resource(answer.headers["Location"]), optional_body(call)
    for name, width, count in (("partition-id", 2, IDS), ("short-name", 4, 16**4)):
        if name not in given and isinstance(partition.properties.get(name), str):
            _make_unique(partition, name, width, count)
    if FEATURE in partition.manager.parent.api_features:
        partition.properties.setdefault(ASSIGNED, [])
    return answer


def _make_unique(partition: Any, name: str, width: int, count: int) -> None:
    """Count the end of a property up to one that no other partition of the CPC has, if there is one."""
    others = partition.manager.list()
    taken = {other.properties.get(name) for other in others if other is not partition}
    text = partition.properties[name]
    if text not in taken:
        return
    begin, first = text[:-width], int(text[-width:], 16)
    numbers = (f"{begin}{(first + step) % count:0{width}X}" for step in range(count))
    partition.properties[name] = next((number for number in numbers if number not in taken), text)


OPERATION = Operation(method="POST", path="/api/cpcs/*/partitions", run=_run)

"""List Permitted Partitions, Logical Partitions and Adapters: the filter by CPC, which the mock model does wrongly.

It forgets the filter after the first CPC, takes the begin of a name for the whole, and matches by Python's `re`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from harness.hmc.exchange import Answer, Call
from harness.hmc.filters import Filter
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

BY_CPC = "cpc-name"
_PATH = "/api/console/operations/list-permitted-"


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    query = parse_qsl(call.uri.partition("?")[2], keep_blank_values=True)
    wanted = [Filter(name, text) for name, text in query if name == BY_CPC]
    if not wanted:
        return Answer(status=200, body=console.model.carry_out("GET", call.uri, None))
    others = urlencode([(name, text) for name, text in query if name != BY_CPC], safe=",")
    body: Any = console.model.carry_out("GET", f"{call.path}?{others}", None)
    return Answer(
        status=200,
        body={
            kind: [item for item in items if any(one.matches(item[BY_CPC]) for one in wanted)]
            for kind, items in body.items()
        },
    )


OPERATIONS = tuple(
    Operation(method="GET", path=_PATH + kind, run=_run) for kind in ("partitions", "logical-partitions", "adapters")
)

"""Zeroize Crypto Domain: allowed for a domain that the partition may control. There are no keys here to clear."""

from __future__ import annotations

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, named, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

CONTROL = "control-usage"


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    partition, body = target(console, call), body_of(call)
    adapter = named(console, body, "crypto-adapter-uri", "adapter")
    index = field(body, "domain-index", int)
    config = partition.properties.get("crypto-configuration") or {}
    domains = {item["domain-index"]: item["access-mode"] for item in config.get("crypto-domain-configurations", ())}
    if adapter.uri not in config.get("crypto-adapter-uris", ()) or domains.get(index) != CONTROL:
        raise HmcError(409, 110, f"{partition.name} does not control the domain {index} of {adapter.name}.")
    return Answer(status=204)


OPERATION = Operation(method="POST", path="/api/partitions/*/operations/zeroize-crypto-domain", run=_run)

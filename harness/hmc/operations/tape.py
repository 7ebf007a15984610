"""Tape libraries and links: discovery, adapter ports, and the update of an environment report."""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome
from harness.hmc.operations.job import start
from harness.hmc.operations.kit import body_of, field, found, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

PORTS = "adapter-port-uris"


def _ports(console: Console, call: Call) -> list[str]:
    return [found(console, str(uri), "storage-port").uri for uri in field(body_of(call), PORTS, list)]


def _had(link: Any) -> list[str]:
    """The ports of a link up to now; one that was made without any has no such property."""
    return list(link.properties.get(PORTS) or ())


def _add(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    link, ports = target(console, call), _ports(console, call)
    has = _had(link)
    if set(has) & set(ports):
        raise HmcError(409, 8, f"A port is one of {link.name} already.")
    link.properties[PORTS] = [*has, *ports]
    return Answer(status=204)


def _remove(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    link, ports = target(console, call), _ports(console, call)
    for port in ports:
        _refuse_foreign(link, port)
        _refuse_used(link, port)
    link.properties[PORTS] = [uri for uri in _had(link) if uri not in ports]
    return Answer(status=204)


def _replace(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    link, body = target(console, call), body_of(call)
    current = field(body, "current-adapter-port-uri", str)
    new = found(console, field(body, "new-adapter-port-uri", str), "storage-port").uri
    _refuse_foreign(link, current)
    if new in _had(link):
        raise HmcError(409, 8, f"The new port is one of {link.name} already.")
    link.properties[PORTS] = [new if uri == current else uri for uri in _had(link)]
    for resource in link.virtual_tape_resources.list():
        if resource.properties.get("adapter-port-uri") == current:
            resource.properties["adapter-port-uri"] = new
    return Answer(status=204)


def _refuse_foreign(link: Any, port: str) -> None:
    if port not in _had(link):
        raise HmcError(409, 8, f"The port {port} is none of {link.name}.")


def _refuse_used(link: Any, port: str) -> None:
    if any(resource.properties.get("adapter-port-uri") == port for resource in link.virtual_tape_resources.list()):
        raise HmcError(409, 8, f"The port {port} is used by a virtual tape resource of {link.name}.")


def _update_report(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    console.model.carry_out("POST", call.uri, body_of(call))
    return Answer(status=200, body={})


def _discover(console: Console, call: Call, session: Session) -> Answer:
    plan, _ = console.model.rehearse(lambda: console.model.carry_out("POST", call.uri, body_of(call)))
    return start(console, call, session, outcome=Outcome(status=204), finish=plan.carry_out)


_LINK = "/api/tape-links/*/operations"
OPERATIONS = (
    Operation(method="POST", path="/api/tape-libraries/operations/discover-tape-libraries", run=_discover, is_job=True),
    Operation(method="POST", path=f"{_LINK}/add-adapter-ports", run=_add),
    Operation(method="POST", path=f"{_LINK}/remove-adapter-ports", run=_remove),
    Operation(method="POST", path=f"{_LINK}/replace-adapter-port", run=_replace),
    Operation(method="POST", path=f"{_LINK}/update-tape-link-environment-report", run=_update_report),
)

"""Secure boot certificates: import, list, properties, encoded form, assignment to partitions, LPARs and profiles."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.kinds import CERTIFICATES
from harness.hmc.operations.kit import body_of, field, matching, named, one_of, optional, shown, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

BASE = "/api/certificates"
LIST = ("object-uri", "name", "type", "parent", "parent-name")
FILTERS = ("name", "parent-name", "type")
WRITABLE = frozenset({"name", "description"})
FEATURE = "secure-boot-with-certificates"
ASSIGNED = "assigned-certificate-uris"
HOLDERS = ("/api/partitions/*", "/api/logical-partitions/*", "/api/cpcs/*/image-activation-profiles/*")


def _import(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    cpc, body = target(console, call), body_of(call)
    name, encoded = field(body, "name", str), field(body, "certificate", str)
    _refuse_taken(console, name)
    try:
        base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise HmcError(400, 7, "The field certificate is not in base64.") from error
    certificate = console.model.kinds[CERTIFICATES].add(
        {
            "name": name,
            "description": optional(body, "description", str, ""),
            "type": one_of(body, "type", ("secure-boot", "secure-execution"), "secure-boot"),
            "parent": cpc.uri,
            "parent-name": cpc.name,
            "assigned": False,
        }
    )
    certificate.encoded = encoded
    return Answer(status=201, body={"certificate-uri": certificate.uri}, headers={"Location": certificate.uri})


def _refuse_taken(console: Console, name: str) -> None:
    if any(other.name == name for other in console.model.kinds[CERTIFICATES].list()):
        raise HmcError(400, 8, f"There is a certificate {name!r} already.")


def _list(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    certificates = matching(console.model.kinds[CERTIFICATES].list(), call.query, FILTERS)
    return Answer(status=200, body={"certificates": [shown(item, LIST, call.query) for item in certificates]})


def _get(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    return Answer(status=200, body=dict(console.model.resource(call.path).properties))


def _encoded(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    return Answer(status=200, body={"certificate": getattr(target(console, call), "encoded", "")})


def _update(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    certificate, body = console.model.resource(call.path), body_of(call)
    for name in body:
        if name not in WRITABLE:
            raise HmcError(400, 6, f"Property is not writable: {name}")
        field(body, name, str)
    if body.get("name", certificate.name) != certificate.name:
        _refuse_taken(console, body["name"])
    certificate.properties.update(body)
    return Answer(status=204)


def _delete(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    certificate = console.model.resource(call.path)
    if certificate.properties["assigned"]:
        raise HmcError(409, 8, f"The certificate {certificate.name!r} is assigned; unassign it first.")
    certificate.manager.remove(certificate.oid)
    return Answer(status=204)


def _assign(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    holder, certificate = _pair(console, call)
    uris = holder.properties.get(ASSIGNED) or []
    if certificate.uri in uris:
        raise HmcError(409, 8, f"The certificate {certificate.name!r} is assigned already.")
    holder.properties[ASSIGNED] = [*uris, certificate.uri]
    certificate.properties["assigned"] = True
    return Answer(status=204)


def _unassign(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    holder, certificate = _pair(console, call)
    uris = holder.properties.get(ASSIGNED) or []
    if certificate.uri not in uris:
        raise HmcError(409, 8, f"The certificate {certificate.name!r} is not assigned.")
    holder.properties[ASSIGNED] = [uri for uri in uris if uri != certificate.uri]
    certificate.properties["assigned"] = any(
        certificate.uri in (other.properties.get(ASSIGNED) or []) for other in console.model.hmc.all_resources.values()
    )
    return Answer(status=204)


def _pair(console: Console, call: Call) -> tuple[Any, Any]:
    holder = target(console, call)
    certificate = named(console, body_of(call), "certificate-uri", "certificate")
    if certificate.properties["parent"] != holder.manager.parent.uri:
        raise HmcError(400, 8, f"The certificate {certificate.name!r} is one of another CPC.")
    return holder, certificate


OPERATIONS = (
    Operation(method="POST", path="/api/cpcs/*/operations/import-certificate", run=_import),
    Operation(method="GET", path=BASE, run=_list),
    Operation(method="GET", path=f"{BASE}/*", run=_get),
    Operation(method="POST", path=f"{BASE}/*", run=_update),
    Operation(method="DELETE", path=f"{BASE}/*", run=_delete),
    Operation(method="GET", path=f"{BASE}/*/operations/get-encoded", run=_encoded),
    *(Operation(method="POST", path=f"{holder}/operations/assign-certificate", run=_assign) for holder in HOLDERS),
    *(Operation(method="POST", path=f"{holder}/operations/unassign-certificate", run=_unassign) for holder in HOLDERS),
)

"""Create and delete activation profiles of a CPC in classic mode; the mock model lists, reads and updates them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, optional
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

KINDS = ("reset", "image", "load")


def _profiles(console: Console, call: Call, kind: str) -> Any:
    cpc = console.model.resource("/".join(call.path.split("/")[:4]))
    if cpc.dpm_enabled:
        raise HmcError(409, 4, f"CPC is in DPM mode: {cpc.uri}")
    return getattr(cpc, f"{kind}_activation_profiles")


def _creator(kind: str) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
        profiles, body = _profiles(console, call, kind), body_of(call)
        name, copied = field(body, "profile-name", str), optional(body, "copy-name", str, "")
        known = {profile.name: profile for profile in profiles.list()}
        if name in known:
            raise HmcError(400, 8, f"There is a profile {name!r} already.")
        if copied and copied not in known:
            raise HmcError(404, 2, f"There is no profile {copied!r} to copy.")
        # Read as plain values: what is the profile's own stays with it.
        own = ("name", "element-id", "element-uri", "profile-name", "copy-name")
        begin = dict(known[copied].properties) if copied else {}
        properties = {key: value for key, value in {**begin, **body}.items() if key not in own}
        profiles.add({"description": "", **properties, "name": name})
        return Answer(status=204)

    return run


def _deleter(kind: str) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
        profiles = _profiles(console, call, kind)
        profiles.remove(console.model.resource(call.path).oid)
        return Answer(status=204)

    return run


OPERATIONS = (
    *(Operation(method="POST", path=f"/api/cpcs/*/{kind}-activation-profiles", run=_creator(kind)) for kind in KINDS),
    *(
        Operation(method="DELETE", path=f"/api/cpcs/*/{kind}-activation-profiles/*", run=_deleter(kind))
        for kind in KINDS
    ),
)

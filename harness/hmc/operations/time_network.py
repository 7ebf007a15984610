"""The Server Time Protocol of a CPC: which coordinated timing network it is in, and who is its current time server."""

from __future__ import annotations

from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, one_of, optional, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

CONFIG = "stp-configuration"
ROLES = {"preferred": "preferred-time-server", "backup": "backup-time-server"}
_UNCONFIGURED: dict[str, object] = {
    "stp-id": None, "preferred-time-server": None, "backup-time-server": None, "arbiter": None,
    "current-time-server": None,
}  # fmt: skip


def _config(cpc: Any) -> dict[str, Any]:
    return {**_UNCONFIGURED, **(cpc.properties.get(CONFIG) or {})}


def _stp_id(call: Call) -> str:
    text = field(body_of(call), "stp-id", str)
    if not 1 <= len(text) <= 8:
        raise HmcError(400, 7, "The field stp-id has to have 1 to 8 characters.")
    return text


def _set(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    cpc, body = target(console, call), body_of(call)
    config = _config(cpc)
    config["stp-id"] = optional(body, "new-stp-id", str, _stp_id(call))
    config["preferred-time-server"] = field(body, "preferred-time-server", dict)
    for name in ("backup-time-server", "arbiter"):
        config[name] = optional(body, name, dict, {}) or None
    config["current-time-server"] = one_of(body, "current-time-server", ROLES)
    cpc.properties[CONFIG] = config
    return Answer(status=204)


def _swap(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    cpc = target(console, call)
    config = _config(cpc)
    if config["stp-id"] != _stp_id(call):
        raise HmcError(400, 8, f"{cpc.name} is not in this coordinated timing network.")
    config["current-time-server"] = "backup" if config["current-time-server"] == "preferred" else "preferred"
    if config[ROLES[config["current-time-server"]]] is None:
        raise HmcError(409, 1, f"{cpc.name} has no other time server to swap to.")
    cpc.properties[CONFIG] = config
    return Answer(status=204)


def _change(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    cpc = target(console, call)
    cpc.properties[CONFIG] = {**_config(cpc), "stp-id": _stp_id(call)}
    return Answer(status=204)


def _leave(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    cpc = target(console, call)
    if _config(cpc)["stp-id"] is None:
        raise HmcError(409, 1, f"{cpc.name} is in no coordinated timing network.")
    cpc.properties[CONFIG] = dict(_UNCONFIGURED)
    return Answer(status=204)


_BASE = "/api/cpcs/*/operations"
OPERATIONS = (
    Operation(method="POST", path=f"{_BASE}/set-stp-config", run=_set),
    Operation(method="POST", path=f"{_BASE}/swap-cts", run=_swap),
    Operation(method="POST", path=f"{_BASE}/change-stponly-ctn", run=_change),
    Operation(method="POST", path=f"{_BASE}/join-stponly-ctn", run=_change),
    Operation(method="POST", path=f"{_BASE}/leave-stponly-ctn", run=_leave),
)

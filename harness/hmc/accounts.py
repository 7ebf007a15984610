"""The users of an inventory as accounts: whoever has a password in it can log on.

The properties are those of the API book's User object, with its defaults, which also stand for what is no number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.hmc.model import Model
from harness.hmc.sessions import Account

_MINUTE_S = 60.0
_FOR_EVER_S = float("inf")
_MOST = 2**63
"""No number of the API is larger."""


@dataclass(frozen=True, slots=True)
class InventoryAccounts:
    """Looks users up in the model, as it is at that time: users can be created and changed by requests."""

    model: Model

    def named(self, name: str) -> Account | None:
        """The user of this name who may log on; None if there is none."""
        for user in self.model.console.users.list():
            if user.properties.get("name") == name and (account := _account_of(user)):
                return account
        return None

    def at(self, uri: str) -> Account | None:
        """The user of this URI who may log on; None if he may not any more."""
        user = self.model.hmc.all_resources.get(uri)
        return _account_of(user) if user else None


def _account_of(user: Any) -> Account | None:
    """None for whoever has no password here, and for a template, which is no user."""
    password = user.properties.get("password")
    if not isinstance(password, str) or user.properties.get("type") == "template":
        return None
    return _account(user.uri, password, dict(user.properties))


def _account(uri: str, password: str, properties: Mapping[str, Any]) -> Account:
    return Account(
        password=password,
        name=str(properties.get("name")),
        uri=uri,
        idle_s=_number(properties, "web-services-api-session-idle-timeout", 0) * _MINUTE_S or _FOR_EVER_S,
        max_sessions=int(_number(properties, "max-web-services-api-sessions", 1000)),
        max_failed_logons=int(_number(properties, "max-failed-logins", 3)),
        locked_out_s=_number(properties, "disable-delay", 1) * _MINUTE_S,
        is_disabled=bool(properties.get("disabled") or properties.get("is-locked"))
        or not properties.get("allow-management-interfaces", True),
    )


def _number(properties: Mapping[str, Any], name: str, default: float) -> float:
    """A property that may be anything: the mock model keeps whatever a client says, and all accounts are looked at."""
    value = properties.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST:
        return default
    return value

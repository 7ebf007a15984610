"""The users of an inventory as accounts: whoever has a password in it can log on.

The properties are those of the API book's User object, with its defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.hmc.model import Model
from harness.hmc.sessions import Account, Accounts

_MINUTE_S = 60.0
_FOR_EVER_S = float("inf")


def accounts_of(model: Model) -> Accounts:
    """Looks users up in the model, as it is at that time: users can be created and changed by requests."""

    def find(name: str) -> Account | None:
        user = user_of(model, name)
        password = user.properties.get("password") if user else None
        if not isinstance(password, str):
            return None
        return _account(password, dict(user.properties))

    return find


def user_of(model: Model, name: str) -> Any:
    """The user of this name that may log on; None if there is none. Templates are no users."""
    for user in model.console.users.list():
        if user.properties.get("name") == name and user.properties.get("type") != "template":
            return user
    return None


def _account(password: str, properties: Mapping[str, Any]) -> Account:
    idle_min = properties.get("web-services-api-session-idle-timeout") or 0
    return Account(
        password=password,
        idle_s=idle_min * _MINUTE_S or _FOR_EVER_S,
        max_sessions=properties.get("max-web-services-api-sessions", 1000),
        max_failed_logons=properties.get("max-failed-logins", 3),
        locked_out_s=properties.get("disable-delay", 1) * _MINUTE_S,
        is_disabled=bool(properties.get("disabled") or properties.get("is-locked"))
        or not properties.get("allow-management-interfaces", True),
    )

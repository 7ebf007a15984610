"""Who is told of what the HMC sees; the harness puts its recorder behind it."""

from __future__ import annotations

import logging
from typing import Protocol

_LOG = logging.getLogger(__name__)

LOGON = "logon"
LOGON_REFUSED = "logon refused"
LOGOFF = "logoff"
UNKNOWN_SESSION = "unknown session"
EXPIRED = "expired"


class HmcObserver(Protocol):
    """Takes what happens at the HMC, in its order. What an observer raises is a crash, and is told to `on_crash`."""

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        """A request was read. It is carried out when this returns, so a fault can begin at exactly this request.

        `number` counts from 1; `path` has no `query`, which is what followed the question mark, without what is secret;
        `user` is empty where the HMC cannot know whose it is.
        """
        ...

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        """The HMC answers a request, `seconds` after it was read; `reason` is -1 where the answer has none."""
        ...

    def on_session(self, user: str, what: str) -> None:
        """A session came or went: one of this module's words."""
        ...

    def on_secret(self, text: str, name: str) -> None:
        """A secret was made, and no client knows it yet; it must not appear in any record."""
        ...

    def on_crash(self, component: str, error: str) -> None:
        """Something in the HMC failed that must not: nothing that follows can be trusted. `error` is its traceback."""
        ...


class NullObserver:
    """Watches nothing, but lets no crash pass unseen: it is logged as an error."""

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        """Nothing."""

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        """Nothing."""

    def on_session(self, user: str, what: str) -> None:
        """Nothing."""

    def on_secret(self, text: str, name: str) -> None:
        """Nothing."""

    def on_crash(self, component: str, error: str) -> None:
        """Log it."""
        _LOG.error("%s failed: %s", component, error)

"""No session is good enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, RefuseSessions
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefused:
    """Requests within a session are answered with 403,5, as if it were unknown: for ever, or with `for: once` once."""

    healing: ClassVar[str] = "Requests reach the HMC again, which has known the sessions all the time."
    witness: ClassVar[str] = "each request within a session (with `logon` each logon, too) that was answered with 403,5"

    logon: Annotated[bool, Says("whether logons are answered with 403,5, too")] = False
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return RefuseSessions(match=self.match, logon=self.logon)

"""The agent's user is locked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.patterns import LOGON
from harness.core.values import Bounds, Says, Seconds
from harness.core.vocabulary import Part
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.http_error import HttpError


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLocked:
    """Every session ends, and logons are refused (403,0 by default): the user is disabled."""

    lasts: Annotated[Seconds, Says("how long, until somebody sets it right")] = 4.0
    reason: Annotated[int, Bounds(0, 9999), Says("the HMC's reason code for refused logons")] = 0

    def __post_init__(self) -> None:
        """Refuse a phase that takes no time; each part does."""
        self.parts()

    def parts(self) -> tuple[Part, ...]:
        """Its phases."""
        refused = HttpError(status=403, reason=self.reason, message="The user is disabled.", match=LOGON)
        return (
            Part(name="logons-refused", action=refused, lasts_s=self.lasts),
            Part(name="sessions-lost", action=ExpireSessions()),
        )

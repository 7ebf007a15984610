"""The HMC is restarted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.values import Says, Seconds
from harness.core.vocabulary import Part
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.forget_jobs import ForgetJobs
from harness.faults.refuse_connections import RefuseConnections


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """New connections are refused and open ones reset for a time; no session and no job survives."""

    away: Annotated[Seconds, Says("how long it is away")] = 4.0

    def __post_init__(self) -> None:
        """Refuse a phase that takes no time; each part does."""
        self.parts()

    def parts(self) -> tuple[Part, ...]:
        """Its phases."""
        return (
            Part(name="refused", action=RefuseConnections(), lasts_s=self.away),
            Part(name="sessions-lost", action=ExpireSessions()),
            Part(name="jobs-lost", action=ForgetJobs()),
        )

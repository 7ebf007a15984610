"""The machine of the HMC is booted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.values import Says, Seconds
from harness.core.vocabulary import Part
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.forget_jobs import ForgetJobs
from harness.faults.handshake_stall import HandshakeStall
from harness.faults.http_error import HttpError
from harness.faults.refuse_connections import RefuseConnections


@dataclass(frozen=True, slots=True, kw_only=True)
class Reboot:
    """Connections are refused, then accepted (TLS stalls), then answered with 503; no session and no job survives."""

    refused: Annotated[Seconds, Says("how long nothing listens")] = 3.0
    stalled: Annotated[Seconds, Says("how long connections are accepted, and nothing is said")] = 3.0
    unavailable: Annotated[Seconds, Says("how long everything is answered with 503")] = 3.0

    def __post_init__(self) -> None:
        """Refuse a phase that takes no time; each part does."""
        self.parts()

    def parts(self) -> tuple[Part, ...]:
        """Its phases."""
        starting = HttpError(status=503, reason=1, message="The HMC is starting.")
        return (
            Part(name="refused", action=RefuseConnections(), lasts_s=self.refused),
            Part(name="sessions-lost", action=ExpireSessions()),
            Part(name="jobs-lost", action=ForgetJobs()),
            Part(name="stalled", action=HandshakeStall(), at_s=self.refused, lasts_s=self.stalled),
            Part(name="unavailable", action=starting, at_s=self.refused + self.stalled, lasts_s=self.unavailable),
        )

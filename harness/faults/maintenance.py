"""The HMC is being maintained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import ErrorBody
from harness.core.values import Says, Seconds
from harness.core.vocabulary import Part
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.http_error import HttpError


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Everything is answered with a 503 page and Retry-After for a time; no session survives."""

    window: Annotated[Seconds, Says("how long it lasts")] = 5.0

    def __post_init__(self) -> None:
        """Refuse a phase that takes no time; each part does."""
        self.parts()

    def parts(self) -> tuple[Part, ...]:
        """Its phases."""
        closed = HttpError(status=503, message="Maintenance.", body=ErrorBody.HTML, retry_after=self.window)
        return (
            Part(name="unavailable", action=closed, lasts_s=self.window),
            Part(name="sessions-lost", action=ExpireSessions()),
        )

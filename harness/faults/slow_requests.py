"""Chosen requests take long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, DelayRequest
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRequests:
    """Requests that match wait before they reach the HMC; all others go on as usual."""

    healing: ClassVar[str] = "Requests that wait reach the HMC at once."
    witness: ClassVar[str] = "each request that waited, when its wait is over, with how long it was"

    delay: Annotated[Seconds, Says("how long they wait")]
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse what delays nothing."""
        if self.delay <= 0:
            raise ValueError("delay has to be more than 0: requests that do not wait meet no fault")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return DelayRequest(match=self.match, delay_s=self.delay)

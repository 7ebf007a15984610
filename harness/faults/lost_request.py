"""The HMC has not done it, and nobody learns of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Cut, LoseExchange
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRequest:
    """The connection is closed or reset on requests that match, before the HMC sees them."""

    healing: ClassVar[str] = "Requests reach the HMC again; those that were lost were never carried out."
    witness: ClassVar[str] = "each request that the HMC has not seen"

    how: Annotated[Cut, Says("how the connection ends: fin: closed; rst: reset")] = Cut.FIN
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return LoseExchange(match=self.match, executed=False, how=self.how)

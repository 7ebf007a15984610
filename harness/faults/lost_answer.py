"""The HMC has done it, and nobody learns of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Cut, LoseExchange
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class LostAnswer:
    """Requests that match are carried out; then the connection is closed or reset instead of an answer."""

    healing: ClassVar[str] = "Answers arrive again; what the HMC has carried out unheard stays carried out."
    witness: ClassVar[str] = "each request that the HMC has answered and whose answer nobody got, with the HMC's status"

    how: Annotated[Cut, Says("how the connection ends: fin: closed; rst: reset")] = Cut.FIN
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return LoseExchange(match=self.match, executed=True, how=self.how)

"""The HMC answers with text that is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Spoil, SpoilBody
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidUtf8:
    """Answers hold bytes that are no UTF-8."""

    healing: ClassVar[str] = "Answers are as the HMC gives them again."
    witness: ClassVar[str] = "each answer into which bad bytes were put; one without a body is none"

    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return SpoilBody(match=self.match, how=Spoil.UTF8)

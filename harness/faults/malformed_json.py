"""The HMC's answer is no JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import BreakJson, Command
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedJson:
    """Answers are valid HTTP, but their JSON breaks off in the middle."""

    healing: ClassVar[str] = "Answers are whole again."
    witness: ClassVar[str] = (
        "each answer that was cut, with its length before and after; one that holds no JSON is none"
    )

    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return BreakJson(match=self.match)

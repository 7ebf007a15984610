"""The HMC's answer claims to be something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import ChangeContentType, Command
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongContentType:
    """Answers carry another Content-Type than their body has."""

    healing: ClassVar[str] = "Answers carry their own type again."
    witness: ClassVar[str] = "each answer whose type was changed; one without a body is none"

    content_type: Annotated[str, Says("what the header says instead")] = "text/html"
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse the type that the HMC's answers have anyhow."""
        if self.content_type.partition(";")[0].strip().lower() == "application/json":
            raise ValueError("content_type application/json is what the HMC says anyhow; choose another, as text/html")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return ChangeContentType(match=self.match, content_type=self.content_type)

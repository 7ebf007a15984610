"""The answer ends too early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Framing, TruncateAnswer
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """Half of the answer arrives, then the connection is closed (FIN)."""

    healing: ClassVar[str] = "Answers arrive whole; connections that were closed stay gone."
    witness: ClassVar[str] = "each answer of which half was sent"

    content_length: Annotated[
        bool, Says("whether the answer says how long it should be; otherwise its end is where the connection ends")
    ] = True
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        framing = Framing.CONTENT_LENGTH if self.content_length else Framing.CLOSE
        return TruncateAnswer(match=self.match, framing=framing)

"""The answer comes in chunks, one of which is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, Framing, TruncateAnswer
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class BadChunk:
    """Half of the answer arrives as a chunk; where the length of the next one belongs there is something else."""

    healing: ClassVar[str] = "Answers arrive whole; connections that were closed stay gone."
    witness: ClassVar[str] = "each answer that ended in a chunk that is none"

    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return TruncateAnswer(match=self.match, framing=Framing.CHUNKED)

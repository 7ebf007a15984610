"""The HMC answers with very much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import AnswerPart, Command, EnlargeAnswer
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bytes, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class GiantBody:
    """Answers mean the same, with that many blanks after their JSON."""

    healing: ClassVar[str] = "Answers have their own size again."
    witness: ClassVar[str] = "each answer that was enlarged; one without a body is none"

    size: Annotated[Bytes, Says("how many bytes of body more")] = 10_000_000
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse a size that adds nothing, and one that no machine has memory for."""
        if not 0 < self.size <= 200_000_000:
            raise ValueError("size has to be more than 0B and at most 200MB")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return EnlargeAnswer(match=self.match, part=AnswerPart.BODY, size_bytes=self.size)

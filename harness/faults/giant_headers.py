"""The HMC says too much about its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import AnswerPart, Command, EnlargeAnswer
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bytes, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class GiantHeaders:
    """Answers have that many more bytes of headers, in lines of 8 kB."""

    healing: ClassVar[str] = "Answers have their own headers again."
    witness: ClassVar[str] = "each answer that got more headers"

    size: Annotated[Bytes, Says("how many bytes of headers more")] = 1_000_000
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse a size that adds nothing, and one that no machine has memory for."""
        if not 0 < self.size <= 10_000_000:
            raise ValueError("size has to be more than 0B and at most 10MB")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return EnlargeAnswer(match=self.match, part=AnswerPart.HEADERS, size_bytes=self.size)

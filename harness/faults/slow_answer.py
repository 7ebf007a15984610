"""The HMC speaks letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import AnswerPart, Command, DripAnswer
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import BytesPerSecond, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowAnswer:
    """An answer's body or headers come a byte at a time, each in a TLS record: a read timeout restarts at each."""

    healing: ClassVar[str] = "The rest of an answer goes at once, and new answers go whole."
    witness: ClassVar[str] = (
        "each answer of which bytes went one by one, how many did, and whether the client heard all of it, gave up, "
        "or was healed"
    )

    rate: Annotated[BytesPerSecond, Says("bytes a second, one by one")]
    part: Annotated[AnswerPart, Says("which part comes so: body or headers; the other one comes at once")] = (
        AnswerPart.BODY
    )
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse a rate that never lets anything through."""
        if self.rate <= 0:
            raise ValueError("rate has to be more than 0; for no byte at all use the fault hang")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return DripAnswer(match=self.match, part=self.part, bytes_per_s=self.rate)

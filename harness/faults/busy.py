"""The HMC is busy with the object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import AnswerWithError, Command
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Requests that match are answered with 409,2: the object is busy with another operation. The HMC is not asked."""

    healing: ClassVar[str] = "Requests reach the HMC again."
    witness: ClassVar[str] = "each request that was answered with 409,2"

    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        message = "The object is busy with another operation."
        return AnswerWithError(match=self.match, status=409, reason=2, message=message)

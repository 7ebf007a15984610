"""The HMC answers with an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import AnswerWithError, Command
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bounds, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpError:
    """Requests that match are answered with an HTTP error and an error body in the HMC's form; the HMC is not asked."""

    status: Annotated[int, Bounds(400, 599), Says("HTTP status")]
    reason: Annotated[int, Bounds(0, 9999), Says("the HMC's reason code")] = 0
    message: Annotated[str, Says("the HMC's words")] = "The HMC is not able to process the request."
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def command(self) -> Command:
        """What an engine has to carry out."""
        return AnswerWithError(match=self.match, status=self.status, reason=self.reason, message=self.message)

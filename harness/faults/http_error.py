"""The HMC answers with an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import AnswerWithError, Command, ErrorBody
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bounds, Says, Seconds

WITHOUT_BODY = (204, 205, 304)
"""Statuses whose answers have no body (RFC 9110)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpError:
    """Requests that match are answered with an HTTP status and an error body; the HMC is not asked."""

    healing: ClassVar[str] = "Requests reach the HMC again."
    witness: ClassVar[str] = "each request that was answered with the error"

    status: Annotated[int, Bounds(200, 599), Says("HTTP status; below 400 only with another body than the HMC's")]
    reason: Annotated[int, Bounds(0, 9999), Says("the HMC's reason code")] = 0
    message: Annotated[str, Says("the HMC's words")] = "The HMC is not able to process the request."
    body: Annotated[ErrorBody, Says("hmc: the HMC's JSON; html: a web server's page; empty: nothing")] = ErrorBody.HMC
    retry_after: Annotated[Seconds | None, Says("a Retry-After header with so many whole seconds")] = None
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse what HTTP has not, and a success that is told as an error."""
        if self.status < 400 and self.body is ErrorBody.HMC:
            raise ValueError(f"status {self.status} is no error, and the HMC's body is for errors; write body: html")
        if self.status in WITHOUT_BODY and self.body is not ErrorBody.EMPTY:
            raise ValueError(f"an answer with status {self.status} has no body; write body: empty")
        if self.retry_after is not None and self.retry_after < 0:
            raise ValueError("retry_after cannot be negative; 0s says at once")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return AnswerWithError(
            match=self.match,
            status=self.status,
            reason=self.reason,
            message=self.message,
            body=self.body,
            retry_after_s=self.retry_after,
        )

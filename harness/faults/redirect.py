"""The HMC sends its clients elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core import commands
from harness.core.commands import Command, RedirectTo
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bounds, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Requests that match are redirected. What arrives at another host, an address of the trial, is recorded."""

    healing: ClassVar[str] = "Requests reach the HMC again, also those that follow a redirect to it."
    witness: ClassVar[str] = "each request that was redirected, with where to"

    to: Annotated[
        RedirectTo, Says("same: the same request again; other_host; plain_http: the same host without TLS")
    ] = RedirectTo.SAME
    status: Annotated[int, Bounds(301, 308), Says("HTTP status: 301, 302, 303, 307 or 308")] = 302
    once: Annotated[bool, Says("whether a request that comes again is let through; otherwise it goes round")] = False
    match: Annotated[RequestPattern, Says("which requests: method and path template")] = ANY_REQUEST

    def __post_init__(self) -> None:
        """Refuse what redirects nobody, and a return that never comes."""
        if self.status not in (301, 302, 303, 307, 308):
            raise ValueError(f"status {self.status} is no redirect; write 301, 302, 303, 307 or 308")
        if self.once and self.to is not RedirectTo.SAME:
            raise ValueError("once is for a redirect to the same host: nothing comes back from another one")

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.Redirect(match=self.match, to=self.to, status=self.status, once=self.once)

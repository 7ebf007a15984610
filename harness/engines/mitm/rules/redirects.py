"""Redirects. None leads out of the trial: another host is another loopback address of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from mitmproxy.http import HTTPFlow

from harness.core.commands import RedirectTo
from harness.core.patterns import RequestPattern
from harness.engines.mitm.rules.base import Passive, bare, meant, respond


@dataclass
class Redirect(Passive):
    """The client is to ask somewhere else."""

    match: RequestPattern
    to: RedirectTo
    status: int
    once: bool
    elsewhere: tuple[str, int] | None = None
    _sent_round: set[str] = field(default_factory=set)

    async def request(self, flow: HTTPFlow) -> str | None:
        """Send it there, unless it has just come from there."""
        path = bare(flow.request.path)
        if not meant(self.match, flow.request):
            return None
        if path in self._sent_round:
            # By the path alone: most clients make a GET of what they were redirected with (302).
            self._sent_round.remove(path)
            return None
        where = self._where(flow)
        respond(flow, self.status, "", "")
        if flow.response is not None:
            flow.response.headers["Location"] = where + flow.request.path
        if self.once:
            self._sent_round.add(path)
        return f"redirected ({self.status}) to {where or 'itself'}"

    def _where(self, flow: HTTPFlow) -> str:
        match self.to:
            case RedirectTo.SAME:
                return ""
            case RedirectTo.PLAIN_HTTP:
                return f"http://{flow.request.host_header}"
            case RedirectTo.OTHER_HOST:
                if self.elsewhere is None:
                    raise LookupError("there is no other host")
                host, port = self.elsewhere
                return f"https://{host}:{port}"

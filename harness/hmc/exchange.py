"""One request and its answer, as values: what operations work on, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from harness.hmc.errors import HIDDEN, SECRET_FIELDS

JSON = "application/json;charset=UTF-8"
METRICS = "application/vnd.ibm-z-zmanager-metrics"
NO_REASON = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was read in full."""

    number: int
    method: str
    uri: str
    """Path and query, as the client sent them."""
    path: str
    headers: Mapping[str, str]
    session_id: str | None = None
    body: object = None
    """The JSON object of the body, bytes for an operation that takes a file, or None."""
    user: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; the last one wins."""
        return dict(parse_qsl(self.uri.partition("?")[2], keep_blank_values=True))

    @property
    def shown_query(self) -> str:
        """What followed the question mark, as it was sent, but for what nobody may read."""
        query = self.uri.partition("?")[2]
        return "&".join(_without_secret(part) for part in query.split("&"))


def _without_secret(part: str) -> str:
    name, equals, _ = part.partition("=")
    plain = unquote_plus(name)
    return f"{plain}={HIDDEN}" if equals and plain.lower() in SECRET_FIELDS else part


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client gets."""

    status: int
    body: object = None
    """Sent as JSON; text goes as it is; None is an empty body."""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: int = NO_REASON

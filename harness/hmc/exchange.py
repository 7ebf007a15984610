"""One request and its answer, as values: what operations work on, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client gets."""

    status: int
    body: object = None
    """Sent as JSON; text goes as it is; None is an empty body."""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: int = NO_REASON

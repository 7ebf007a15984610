"""What the HMC answers when it refuses: status, reason code and words, in the form of its error bodies.

Statuses and common reason codes are those of IBM's HMC Web Services API book, "HTTP status codes" and "Common
request validation reason codes"; the form is what ``zhmcclient.HTTPError`` documents, field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

SECRET_HEADERS = frozenset({"x-api-session", "authorization", "cookie"})
SECRET_FIELDS = frozenset(
    {"password", "new-password", "bind-password", "client-secret", "boot-ftp-password", "ssc-master-pw",
     "zaware-master-pw"}
)  # fmt: skip
"""Fields and properties that clients write, and that an HMC never tells: in no answer, list or notification."""
HIDDEN = "********"


class HmcError(Exception):
    """The HMC refuses a request. Meant for the client, so it is none of the harness's own errors."""

    def __init__(self, status: int, reason: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message


class HmcGone(Exception):
    """The client is gone: the connection is dropped, and nothing said."""


def unknown_uri(uri: str) -> HmcError:
    """404,1: no such resource, or none that this user may see."""
    return HmcError(404, 1, f"Unknown resource with URI: {uri}")


def wrong_method(method: str, uri: str) -> HmcError:
    """405: the resource is there, and does not know this method. The book gives it no reason code."""
    return HmcError(405, 1, f"The HTTP method {method} is not valid for the URI {uri}.")


def error_body(
    error: HmcError, *, method: str, uri: str, headers: Mapping[str, str], user: str, body: object
) -> dict[str, object]:
    """The error body; session ids and passwords that the client sent are not repeated in it."""
    path, _, query = uri.partition("?")
    told: dict[str, object] = {
        "http-status": error.status,
        "reason": error.reason,
        "message": error.message,
        "request-method": method,
        "request-uri": path,
        "request-headers": [_header(name, value) for name, value in headers.items()],
    }
    if query:
        told["request-query-parms"] = [
            {"name": name, "value": value} for name, values in parse_qs(query).items() for value in values
        ]
    if user:
        told["request-authenticated-as"] = user
    if isinstance(body, Mapping):
        told["request-body"] = without_secrets(body)
    return told


def without_secrets(value: object) -> object:
    """The same, with what nobody may read hidden, however deep it is in it."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if key in SECRET_FIELDS else without_secrets(item) for key, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def _header(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": HIDDEN if name.lower() in SECRET_HEADERS else value}

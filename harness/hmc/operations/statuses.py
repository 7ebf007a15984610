"""With which HTTP status each operation succeeds: it is the operation's own, and not that of what it says this time.

IBM's documentation, "HTTP status codes": 201 with a Location for what creates, 202 for what was accepted and is carried
out later, 204 where there is nothing to tell, else 200. Which operation is which is read from its path, and from the
tables here, which follow what zhmcclient does with the answer.
"""

from __future__ import annotations

import re

OK, CREATED, ACCEPTED, NO_CONTENT = 200, 201, 202, 204

_TELLS = re.compile(
    "|".join(
        (
            "/api/sessions",
            "/api/services/(?:inventory|aggregation/submit)",
            "/api/cpcs/[^/]+/operations/export-port-names-list",
            "/api/storage-(?:groups|templates)/[^/]+/operations/modify",
            "/api/tape-links/[^/]+/operations/update-tape-link-environment-report",
            "/api/.*/operations/(?:get-historical-sustainability-data|get-ascii-console-websocket-uri)",
            "/api/.*/operations/open-os-message-channel",
        )
    )
)
"""POSTs that create no resource of their own, and have a body to answer with."""
_CREATES = re.compile("/api/cpcs/[^/]+/operations/import-certificate")
"""Operations that create, although their path is not that of a kind of resources."""
_CREATES_AND_IS_SILENT = re.compile("/api/cpcs/[^/]+/(?:image|load|reset)-activation-profiles")
"""zhmcclient: "The Create ... Activation Profile operations do not return the resource URI"."""
_LATER = re.compile("/api/console/operations/(?:restart|shutdown)|/api/jobs/[^/]+/operations/cancel")
"""Accepted and carried out later, without a job."""


def success_of(method: str, path: str, *, is_job: bool = False) -> int:
    """The status with which an operation succeeds, by its path or the template of that."""
    if method in ("GET", "DELETE"):
        return OK if method == "GET" else NO_CONTENT
    if is_job or _LATER.fullmatch(path):
        return ACCEPTED
    if _TELLS.fullmatch(path):
        return OK
    return CREATED if _creates(path) else NO_CONTENT


def _creates(path: str) -> bool:
    """Whether a path ends with a kind of resources, and not with one of them or something to do with it."""
    if "/operations/" in path or _CREATES_AND_IS_SILENT.fullmatch(path):
        return _CREATES.fullmatch(path) is not None
    kinds_and_ids = re.sub("^/api/(?:console/|services/metrics/)?", "", path).split("/")
    return len(kinds_and_ids) % 2 == 1

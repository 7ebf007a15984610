"""Finds the mock model's handler of a URI without trying a hundred regular expressions each time."""

from __future__ import annotations

import re
from typing import Any

from zhmcclient.mock._urihandler import URIS, InvalidResourceError  # not exported by the mock's __init__

_FIXED = re.compile(r"/api(?:/[a-z-]+)?")


class Handlers:
    """The table of the mock model, by the begin of the path and the number of its segments."""

    def __init__(self) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[re.Pattern[str], Any]]] = {}
        for pattern, handler in URIS:
            # The path part of a pattern has no slash but those between segments: groups are ([^/]+) or ([^?/]+).
            path = pattern.replace(r"(?:\?(.*))?", "").replace("([^?/]+)", "*").replace("([^/]+)", "*")
            self._by_shape.setdefault(_shape(path), []).append((re.compile(f"^{pattern}$", re.DOTALL), handler))

    def find(self, uri: str, method: str) -> tuple[Any, tuple[str, ...]]:
        """The handler of a URI, and what its pattern's groups matched.

        Raises:
            InvalidResourceError: there is none.
        """
        for pattern, handler in self._by_shape.get(_shape(uri.partition("?")[0]), ()):
            found = pattern.match(uri)
            if found:
                return handler, found.groups()
        raise InvalidResourceError(method, uri)


def _shape(path: str) -> tuple[str, int]:
    found = _FIXED.match(path)
    return (found[0] if found else "", path.count("/"))

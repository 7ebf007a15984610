"""Finds the mock model's handler of a URI without trying a hundred regular expressions each time."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from zhmcclient.mock._urihandler import (  # not exported by the mock's __init__
    URIS,
    GenericGetPropertiesHandler,
    InvalidResourceError,
)

_FIXED = re.compile(r"/api(?:/[a-z-]+)?")


class Handlers:
    """The table of the mock model, by the begin of the path and the number of its segments."""

    def __init__(self) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[str, Any]]] = {}
        for pattern, handler in URIS:
            # The path part of a pattern has no slash but those between segments: groups are ([^/]+) or ([^?/]+).
            path = pattern.replace(r"(?:\?(.*))?", "").replace("([^?/]+)", "*").replace("([^/]+)", "*")
            self._by_shape.setdefault(_shape(path), []).append((pattern, handler))

    def find(self, uri: str, method: str) -> tuple[Any, tuple[str, ...]]:
        """The handler of a URI, and what its pattern's groups matched.

        Raises:
            InvalidResourceError: there is none.
        """
        for pattern, handler in self._by_shape.get(_shape(uri.partition("?")[0]), ()):
            found = _compiled(pattern).match(uri)
            if found:
                return handler, found.groups()
        raise InvalidResourceError(method, uri)

    def shows_all(self, path: str) -> frozenset[str] | None:
        """What a plain GET of a resource leaves out of its properties; None where GET does something else."""
        handler = self.find(path, "GET")[0]
        get = getattr(getattr(handler, "get", None), "__func__", None)
        if get is not GenericGetPropertiesHandler.get.__func__:
            return None
        return frozenset(handler.wo_properties)

    def knows(self, path: str) -> bool:
        """Whether the mock model knows any operation at this path."""
        try:
            self.find(path, "GET")
        except InvalidResourceError:
            return False
        return True

    def has(self, method: str, uri: str) -> bool:
        """Whether the mock model knows this operation."""
        try:
            return hasattr(self.find(uri, method)[0], method.lower())
        except InvalidResourceError:
            return False


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first needed: nobody waits for a hundred of them at the start."""
    return re.compile(f"^{pattern}$", re.DOTALL)


def _shape(path: str) -> tuple[str, int]:
    found = _FIXED.match(path)
    return (found[0] if found else "", path.count("/"))


HANDLERS = Handlers()
"""The mock model's table is one for all HMCs."""

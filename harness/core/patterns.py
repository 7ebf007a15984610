"""Patterns that a scenario uses to name requests: a method and a path template, such as ``GET /api/cpcs/*``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """Matches requests by method (``*`` for any) and path template.

    In the path ``*`` stands for one segment and ``**`` for any number of them; a query string never counts.
    """

    method: str
    path: str
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the template once."""
        object.__setattr__(self, "_regex", re.compile(_as_regex(self.path)))

    @classmethod
    def parse(cls, text: str) -> RequestPattern:
        """Read ``METHOD PATH``; a missing method means any.

        Raises:
            ValueError: the text is not of that form; says what is wrong.
        """
        words = text.split()
        if len(words) == 1:
            words = ["*", *words]
        if len(words) != 2:
            raise ValueError(f"{text!r} is not 'METHOD /path/template', as in 'GET /api/cpcs/*'")
        method, path = words
        if method != "*" and method not in METHODS:
            raise ValueError(f"{method!r} is not an HTTP method; use one of {', '.join(METHODS)} or *")
        if not path.startswith("/") and path != "**":
            raise ValueError(f"the path template {path!r} has to begin with '/'")
        return cls(method, path)

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is meant."""
        return self.method in ("*", method) and self._regex.fullmatch(path.partition("?")[0]) is not None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _as_regex(template: str) -> str:
    parts = re.split(r"(\*\*|\*)", template)
    return "".join({"**": ".*", "*": "[^/]+"}.get(part, re.escape(part)) for part in parts)


ANY_REQUEST = RequestPattern("*", "**")
ANY_JOB = RequestPattern("*", "/api/jobs/**")
LOGON = RequestPattern("POST", "/api/sessions")

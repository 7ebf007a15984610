"""Counts the requests for operations that are not there, so that one sees what is missing."""

from __future__ import annotations

import re
from collections import Counter

MOST = 1000
"""So many different ones are counted apart; the others together."""
OTHERS = "others"
_ID = re.compile(r"(?<=/)(?=[^/]*\d)[^/]+")


class Unknown:
    """How often each was asked for, by method and path template."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, method: str, path: str) -> int:
        """It was asked for; how often by now."""
        name = f"{method} {_ID.sub('*', path)[:200]}"
        if name not in self.counts and len(self.counts) >= MOST:
            name = OTHERS
        self.counts[name] += 1
        return self.counts[name]

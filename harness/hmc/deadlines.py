"""When to look at which of many things again: one time for each, and a timer for the earliest of all only.

Laws:
1. What is over by now is told by `over`, once, the earliest first; somebody calls it when `wake` said so, or before.
2. What was dropped, or set to another time, takes no memory for longer than as many others come.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator

LATER_S = 0.001
"""A timer goes off so long after the time: one that goes off a moment before it would be set again and again."""
_SPARE = 64


def _ignore(seconds: float) -> None:
    """Nobody has a timer."""


class Deadlines:
    """Times by key. `now` gives monotonic seconds; `wake` is told in how many of them `over` is worth while."""

    def __init__(self, now: Callable[[], float], wake: Callable[[float], None] = _ignore) -> None:
        self._now = now
        self._wake = wake
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._wakes_s = math.inf
        """When the timer goes off that was set last."""

    def set(self, key: str, due_s: float) -> None:
        """Look at this one after that time, and no longer at another; infinity is never."""
        self._due[key] = due_s
        if due_s < math.inf:
            heapq.heappush(self._heap, (due_s, key))
        if len(self._heap) > 2 * len(self._due) + _SPARE:
            self._heap = [(due_s, key) for key, due_s in self._due.items() if due_s < math.inf]
            heapq.heapify(self._heap)
        self._set_timer()

    def drop(self, key: str) -> None:
        """Do not look at this one again."""
        self._due.pop(key, None)
        if not self._due:  # whoever had the timers may have thrown them away together with all this
            self._heap.clear()
            self._wakes_s = math.inf

    def over(self) -> Iterator[str]:
        """Each one whose time is over. It has none any more, unless it is set again."""
        while self._heap and self._heap[0][0] < self._now():
            due_s, key = heapq.heappop(self._heap)
            if self._due.get(key) == due_s:
                del self._due[key]
                yield key
        self._set_timer()

    def wake_again(self) -> None:
        """Whoever had the timer has thrown it away: ask for another one."""
        self._wakes_s = math.inf
        self._set_timer()

    def _set_timer(self) -> None:
        if self._wakes_s < self._now():
            self._wakes_s = math.inf  # it has gone off
        if self._heap and self._heap[0][0] + LATER_S < self._wakes_s:
            self._wakes_s = max(self._heap[0][0], self._now()) + LATER_S
            self._wake(self._wakes_s - self._now())

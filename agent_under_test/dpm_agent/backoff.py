"""How long to wait before the next attempt: Open vSwitch's model, 1 s, then doubling to 8 s."""

from __future__ import annotations


class Backoff:
    """Delays that double from a first to a largest one, in seconds."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_delay_s(self) -> float:
        """The delay before the next attempt; each call doubles the one after it, up to the largest."""
        delay_s = self._next_s
        self._next_s = min(delay_s * 2, self._most_s)
        return delay_s

    def reset(self) -> None:
        """Begin with the first delay again."""
        self._next_s = self._first_s

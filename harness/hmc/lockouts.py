"""Who was refused so often that he is refused with the right password, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Failures:
    """Refused logons of a user since the last one that succeeded."""

    count: int = 0
    until_s: float = 0.0


class Lockouts:
    """Refused logons by user; `now` gives monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures: dict[str, _Failures] = {}

    def is_out(self, who: str) -> bool:
        """Whether he is locked out now."""
        failures = self._failures.get(who)
        return failures is not None and failures.until_s > self._now()

    def add(self, who: str, most: int | None, seconds: float) -> None:
        """He was refused; at the `most` th time in a row, where there is such a number, he is out for so long."""
        failures = self._failures.setdefault(who, _Failures())
        failures.count += 1
        if most and failures.count >= most:
            self._failures[who] = _Failures(until_s=self._now() + seconds)

    def forget(self, who: str) -> None:
        """He has logged on, or is gone."""
        self._failures.pop(who, None)

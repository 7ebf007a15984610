"""The HMC's own time of day, as it stands in logs and messages."""

from __future__ import annotations

import time
from dataclasses import dataclass

STEP_MS = 1


@dataclass(slots=True)
class Clock:
    """Milliseconds since 1970, never the same twice.

    With `begins_ms` it is no clock but a count from there: the same requests then give the same times.
    """

    begins_ms: int | None = None
    _last_ms: int = 0

    def now_ms(self) -> int:
        """The time of what happens now."""
        if self.begins_ms is None:
            self._last_ms = max(int(time.time() * 1000), self._last_ms + STEP_MS)
        else:
            self._last_ms = max(self.begins_ms, self._last_ms) + STEP_MS
        return self._last_ms

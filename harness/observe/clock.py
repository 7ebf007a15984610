"""The ordinary clock: an agent's second is a second of the wall."""

from __future__ import annotations

import asyncio
import time


class WallClock:
    """Seconds of the monotonic clock, and asyncio's sleep."""

    def now(self) -> float:
        """Monotonic seconds since an arbitrary moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        await asyncio.sleep(seconds)

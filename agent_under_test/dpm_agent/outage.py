"""What is said of something that is away: the loss, the return, and meanwhile at a bounded rate."""

from __future__ import annotations

import logging
from collections.abc import Callable

LOUD_FAILURES = 4
"""So many failures in a row are each logged: with a back-off of 1, 2, 4 and 8 s that is until it is at its largest."""

QUIET_S = 60.0
"""Afterwards one line in so many seconds says that it is still away."""


class Outage:
    """Logs, at warning level, how it stands with one thing. To be used by one thread."""

    def __init__(self, subject: str, log: logging.Logger, now: Callable[[], float]) -> None:
        self._subject = subject
        self._log = log
        self._now = now
        self._failures = 0
        self._since = 0.0
        self._last_line = 0.0

    @property
    def lasts(self) -> bool:
        """Whether it is away."""
        return self._failures > 0

    def failed(self, cause: str, meanwhile: str) -> None:
        """It failed for this cause; `meanwhile` says what the agent does about it."""
        now = self._now()
        self._failures += 1
        if self._failures == 1:
            self._since = now
            self._say(now, "lost %s: %s; %s", self._subject, cause, meanwhile)
        elif self._failures <= LOUD_FAILURES or now - self._last_line >= QUIET_S:
            away_s = now - self._since
            self._say(now, "%s is still away after %.0f s: %s; %s", self._subject, away_s, cause, meanwhile)

    def over(self) -> None:
        """It works. Says so if it did not before."""
        if self._failures:
            now = self._now()
            self._say(now, "%s is back after %.0f s", self._subject, now - self._since)
        self._failures = 0

    def _say(self, now: float, text: str, *values: object) -> None:
        self._last_line = now
        self._log.warning(text, *values)

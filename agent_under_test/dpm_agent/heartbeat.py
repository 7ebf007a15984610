"""Signs of life, in a thread of their own.

It is never given the HMC, so it can neither touch nor wait for it (RUN-2), and it outlives a control plane that
does not answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from agent_under_test.dpm_agent.outage import Outage
from agent_under_test.dpm_agent.reporter import Reporter, ReporterError

_LOG = logging.getLogger(__name__)


class Heartbeat:
    """Reports the agent's state at once and then every so many seconds, until told to stop."""

    def __init__(
        self,
        reporter: Reporter,
        interval_s: float,
        stop: threading.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reporter = reporter
        self._interval_s = interval_s
        self._stop = stop
        self._now = now
        self._outage = Outage(f"control plane {reporter.address}", _LOG, now)
        self._first = True

    def run(self) -> None:
        """Report until told to stop; a late report does not delay the ones after it."""
        due = self._now()
        while not self._stop.is_set():
            self.beat()
            due = max(due + self._interval_s, self._now())
            self._stop.wait(due - self._now())

    def beat(self) -> None:
        """One report; a failure is logged at a bounded rate."""
        try:
            self._reporter.report_state(start=self._first)
        except ReporterError as error:
            self._outage.failed(str(error), f"next heartbeat in {self._interval_s:g} s")
        else:
            self._first = False
            self._outage.over()

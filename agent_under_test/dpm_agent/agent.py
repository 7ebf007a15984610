"""A watch on the HMC that tells a control plane what it sees, as soon as it has looked.

Law: after the HMC's return the differences are told (PORT-2), and what was not heard is told again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from agent_under_test.dpm_agent.config import Config
from agent_under_test.dpm_agent.hmc_side import Hmc
from agent_under_test.dpm_agent.outage import Outage
from agent_under_test.dpm_agent.reporter import Reporter, ReporterError
from agent_under_test.dpm_agent.watch import NOTHING, HmcWatch, names

_LOG = logging.getLogger(__name__)


class Agent(HmcWatch):
    """One agent: an HMC, a control plane, and what is known of either. Used by one thread."""

    def __init__(
        self,
        config: Config,
        hmc: Hmc,
        reporter: Reporter,
        stop: threading.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, hmc, stop, now)
        self._reporter = reporter
        self._reporter_outage = Outage(f"control plane {reporter.address}", _LOG, now)
        self._told = NOTHING
        self._portless = NOTHING

    def looked(self) -> None:
        """Tell at once, even if there was nothing to see: what was not heard may be heard now."""
        self.tell()

    def tell(self) -> None:
        """Tell the control plane what differs from what it was told; what fails is told again next time."""
        new, gone = self._seen - self._told, self._told - self._seen
        if not new and not gone:
            return
        try:
            up = self._reporter.device_details(new) if new else NOTHING
            if up or gone:
                self._reporter.update_devices(up=up, down=gone)
        except ReporterError as error:
            self._reporter_outage.failed(str(error), "the devices are reported again with the next look")
            return
        self._reporter_outage.over()
        self._told = (self._told - gone) | up
        self._log_change(up, gone, new - up)

    def _log_change(self, up: frozenset[str], gone: frozenset[str], portless: frozenset[str]) -> None:
        if up or gone:
            _LOG.info("devices up: %s; down: %s", names(up), names(gone))
        if portless - self._portless:
            _LOG.info("devices without a port, to be asked for again: %s", names(portless))
        self._portless = portless

"""The agent's loop: look at the HMC, tell the control plane what changed, live through a lost HMC.

Laws:
1. At the start a failure ends the agent (START-1); once started, none does (RUN-1).
2. What was last seen counts while the HMC is away (PORT-1); after its return the differences are told (PORT-2).
3. Each attempt to reconnect is one logon in a fresh session; between them lies the back-off (RUN-4).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from agent_under_test.dpm_agent.backoff import Backoff
from agent_under_test.dpm_agent.config import Config
from agent_under_test.dpm_agent.hmc_side import Hmc, HmcLost
from agent_under_test.dpm_agent.outage import Outage
from agent_under_test.dpm_agent.reporter import Reporter, ReporterError

_LOG = logging.getLogger(__name__)

NOTHING: frozenset[str] = frozenset()


class Agent:
    """One agent: an HMC, a control plane, and what is known of either. Used by one thread."""

    def __init__(
        self,
        config: Config,
        hmc: Hmc,
        reporter: Reporter,
        stop: threading.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._hmc = hmc
        self._reporter = reporter
        self._stop = stop
        self._now = now
        self._backoff = Backoff(config.agent.reconnect_min_s, config.agent.reconnect_max_s)
        self._hmc_outage = Outage(f"HMC {config.hmc.address}", _LOG, now)
        self._reporter_outage = Outage(f"control plane {reporter.address}", _LOG, now)
        self._connected_at = 0.0
        self._seen = NOTHING
        self._told = NOTHING
        self._portless = NOTHING

    def start(self) -> None:
        """Connect, and look for the first time.

        Raises:
            HmcLost: one of them did not work; the agent has to end.
        """
        try:
            self._hmc.connect()
            self._connected_at = self._now()
            self._seen = self._hmc.devices()
        except HmcLost as error:
            self._hmc.drop(log_off=error.answered)
            raise
        _LOG.info("started with HMC %s, devices: %s", self._config.hmc.address, _names(self._seen))

    def run(self) -> None:
        """Work until told to stop; then log off, if the HMC is there."""
        self.tell()
        wait_s = self._config.agent.polling_interval_s
        while not self._stop.wait(wait_s):
            wait_s = self.look()
            self.tell()
        self._hmc.drop(log_off=not self._hmc_outage.lasts)

    def look(self) -> float:
        """Look at the HMC once, after one attempt to reconnect if it was lost; returns the seconds to the next look."""
        try:
            if self._hmc_outage.lasts:
                self._hmc.connect()
                self._connected_at = self._now()
            self._seen = self._hmc.devices()
        except HmcLost as error:
            return self._lost(error)
        self._hmc_outage.over()
        return self._config.agent.polling_interval_s

    def _lost(self, error: HmcLost) -> float:
        """As in Open vSwitch the back-off begins anew only after a connection that has held for a while.

        Otherwise an HMC that fails each second look would be logged on to, and written about, without a pause.
        """
        held_s = self._now() - self._connected_at
        if not self._hmc_outage.lasts and held_s >= self._config.agent.reconnect_max_s:
            self._backoff.reset()
        delay_s = self._backoff.next_delay_s()
        self._hmc_outage.failed(str(error), f"keeping its last known devices, next attempt in {delay_s:g} s")
        self._hmc.drop(log_off=error.answered)
        return delay_s

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
            _LOG.info("devices up: %s; down: %s", _names(up), _names(gone))
        if portless - self._portless:
            _LOG.info("devices without a port, to be asked for again: %s", _names(portless))
        self._portless = portless


def _names(macs: frozenset[str]) -> str:
    return ", ".join(sorted(macs)) or "none"

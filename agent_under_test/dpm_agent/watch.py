"""Looking at the HMC, again and again, through each loss of it; whom that is told is no matter of this file.

Laws:
1. At the start a failure ends the agent (START-1); once started, none does (RUN-1).
2. What was last seen counts while the HMC is away (PORT-1).
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

_LOG = logging.getLogger(__name__)

NOTHING: frozenset[str] = frozenset()


class HmcWatch:
    """One HMC and what was last seen of it. Used by one thread; the others may read `seen`, which never waits."""

    def __init__(
        self, config: Config, hmc: Hmc, stop: threading.Event, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._hmc = hmc
        self._stop = stop
        self._now = now
        self._backoff = Backoff(config.agent.reconnect_min_s, config.agent.reconnect_max_s)
        self._hmc_outage = Outage(f"HMC {config.hmc.address}", _LOG, now)
        self._connected_at = 0.0
        self._seen = NOTHING

    @property
    def seen(self) -> frozenset[str]:
        """The MAC addresses of this agent's NICs as they were when the HMC last answered."""
        return self._seen

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
        _LOG.info("started with HMC %s, devices: %s", self._config.hmc.address, names(self._seen))

    def run(self) -> None:
        """Look until told to stop; then log off, if the HMC is there."""
        self.looked()
        wait_s = self._config.agent.polling_interval_s
        while not self._stop.wait(wait_s):
            wait_s = self.look()
            self.looked()
        self._hmc.drop(log_off=not self._hmc_outage.lasts)

    def looked(self) -> None:
        """Comes after each look, by the thread that looked: the place for one that tells what was seen."""

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


def names(macs: frozenset[str]) -> str:
    """MAC addresses for a message."""
    return ", ".join(sorted(macs)) or "none"

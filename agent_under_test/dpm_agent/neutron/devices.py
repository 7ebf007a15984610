"""What Neutron's loop is told of the devices.

Laws:
1. No answer waits for the HMC: what was last seen is what there is (RUN-2, PORT-1).
2. A device that got no port is asked for again with each of the loop's rounds. Neutron's loop asks for a new device
   once, so a NIC seen before its port exists, or before the port could be bound, would stay down for ever. But the
   loop also asks for a device whose time of modification differs from that of the round before, so such a device
   has another one each time, and a device with a port keeps its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from agent_under_test.dpm_agent.watch import NOTHING, names

_LOG = logging.getLogger(__name__)


class Devices:
    """Devices and which of them have a port. `all` may be called by any thread, the rest by the loop's."""

    def __init__(self, seen: Callable[[], frozenset[str]]) -> None:
        self._seen = seen
        self._round = 0
        self._stamps: dict[str, int] = {}
        self._with_port: set[str] = set()
        self._portless = NOTHING

    def all(self) -> set[str]:
        """The devices that were last seen."""
        return set(self._seen())

    def plugged(self, device: str) -> None:
        """The loop found a port for a device."""
        if device not in self._with_port:
            _LOG.info("device with a port: %s", device)
        self._with_port.add(device)

    def stamps(self, devices: Iterable[str]) -> dict[str, int]:
        """When each device was modified, once a round and for all devices there are; says which ones have no port."""
        self._round += 1
        now = frozenset(devices)
        self._with_port &= now
        portless = frozenset(self._stamps) & now - self._with_port
        if portless - self._portless:
            _LOG.info("devices without a port, to be asked for again: %s", names(portless))
        self._portless = portless
        self._stamps = {
            device: self._stamps[device] if device in self._with_port else self._round for device in sorted(now)
        }
        return dict(self._stamps)

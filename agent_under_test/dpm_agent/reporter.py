"""What the agent tells a control plane; the words are those of Neutron's agents."""

from __future__ import annotations

from collections.abc import Set
from typing import Protocol

AGENT_TYPE = "DPM agent"
BINARY = "neutron-dpm-agent"
TOPIC = "N/A"
"""Type, program and topic under which networking-dpm's agent is known to Neutron."""


class ReporterError(Exception):
    """The control plane could not be told; the text is a cause in words. Nothing is to be assumed of what it knows."""


class Reporter(Protocol):
    """A way to the control plane. Used by two threads at once: heartbeats, and all the rest."""

    @property
    def address(self) -> str:
        """Where the control plane is, for messages."""
        ...

    def report_state(self, *, start: bool) -> None:
        """Say that this agent is alive; `start` with the first report of a process.

        Raises:
            ReporterError: it was not heard.
        """
        ...

    def device_details(self, macs: Set[str]) -> frozenset[str]:
        """Ask for the ports of these devices; returns the devices that have one on this host.

        Raises:
            ReporterError: there was no proper answer.
        """
        ...

    def update_devices(self, *, up: Set[str], down: Set[str]) -> None:
        """Say which devices came up and which went down.

        Raises:
            ReporterError: it was not heard, or a device could not be set.
        """
        ...

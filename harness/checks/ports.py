"""PORT-1: what was available is still treated as available.

A dead agent's ports stay as they were too, so this proves nothing once the agent is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.events import PortsSampled
from harness.core.history import History
from harness.core.values import Says
from harness.core.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PortsStay:
    """Every port that had this status at the timeline's zero has it at every sample, while its NIC is there."""

    status: Annotated[str, Says("Neutron's port status: ACTIVE, DOWN or BUILD")] = "ACTIVE"

    def judge(self, history: History) -> Finding:
        """FAIL at the first sample in which a port lost its status."""
        zero, end = history.zero, history.lived_until()
        samples = [e for e in history.all(PortsSampled) if zero is not None and zero <= e.t <= end]
        if not samples or zero is None:
            return Finding("ports", Outcome.UNKNOWN, "the ports were never looked at")
        watched = {port for port, status in samples[0].status.items() if status == self.status}
        if not watched:
            return Finding("ports", Outcome.UNKNOWN, f"no port was {self.status} at the beginning")
        for sample in samples:
            lost = self._lost(watched, sample, history.nics_present(sample.t))
            if lost:
                return Finding("ports", Outcome.FAIL, lost, sample.t)
        if history.exited() is not None:
            return Finding("ports", Outcome.UNKNOWN, "the agent is gone; a dead agent's ports prove nothing")
        return Finding("ports", Outcome.PASS, f"{len(watched)} ports {self.status} in {len(samples)} samples")

    def watch_until(self, history: History) -> float:  # noqa: ARG002 - judged over whatever time is watched
        """No longer than others ask for."""
        return 0.0

    def _lost(self, watched: set[str], sample: PortsSampled, present: dict[str, bool]) -> str:
        for port in sorted(watched):
            status = sample.status.get(port, "gone")
            if status != self.status and present.get(port, True):
                return f"port {port} was {self.status} and became {status}, while its NIC is there"
        return ""

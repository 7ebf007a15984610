"""PORT-1: what was available is still treated as available.

A port that was set down and up again between two looks has the right status at both; its revision number tells.

A dead agent's ports stay as they were too, so this proves nothing once the agent is gone, or dead to the control plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Annotated

from harness.checks.signs import no_ports
from harness.core.events import AgentSampled, NicChanged, PortsSampled
from harness.core.history import History
from harness.core.profile import Profile
from harness.core.values import Says
from harness.core.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PortsStay:
    """Every port that had this status at the timeline's zero keeps it, also between samples, while its NIC is there."""

    status: Annotated[str, Says("Neutron's port status: ACTIVE, DOWN or BUILD")] = "ACTIVE"

    def unfit_with(self, agent: Profile) -> str | None:
        """No ports."""
        return no_ports(agent)

    def judge(self, history: History) -> Finding:
        """FAIL at the first sample in which a port lost its status, or which shows that it had lost it meanwhile."""
        zero, end = history.zero, history.lived_until()
        samples = [e for e in history.seen(PortsSampled) if zero is not None and zero <= e.t <= end]
        if not samples or zero is None:
            return _unknown("the ports were never looked at")
        watched = self._watched(history, zero, samples[0])
        if not watched:
            return _unknown(f"no port was {self.status} at the beginning")
        for number, sample in enumerate(samples):
            lost = self._lost(watched, sample, history.nics_present(sample.t))
            if lost:
                became = " and ".join(self._became(lost, samples[number:]))
                words = f"port {lost} was {self.status} and became {became}, while its NIC is there"
                return Finding("ports", Outcome.FAIL, words, sample.t)
        for before, after in pairwise([*_last_before(history, zero), *samples]):
            flapped = self._flapped(watched - _may_change(history, before.t, after.t), before, after)
            if flapped:
                return Finding("ports", Outcome.FAIL, flapped, after.t)
        blind = _blind(history, zero, samples[-1])
        if blind:
            return _unknown(blind)
        return Finding("ports", Outcome.PASS, f"{len(watched)} ports {self.status} in {len(samples)} samples")

    def watch_until(self, history: History) -> float:  # noqa: ARG002 - judged over whatever time is watched
        """No longer than others ask for."""
        return 0.0

    def _watched(self, history: History, zero: float, first: PortsSampled) -> set[str]:
        """Ports that had the status at the last look before the zero, or at the first one after it.

        A fault may come with the zero, and then the first look after it already shows the damage.
        """
        looks = (item for e in (*_last_before(history, zero), first) for item in e.status.items())
        return {port for port, status in looks if status == self.status}

    def _lost(self, watched: set[str], sample: PortsSampled, present: dict[str, bool]) -> str:
        for port in sorted(watched):
            if _status(port, sample) != self.status and present.get(port, True):
                return port
        return ""

    def _became(self, port: str, samples: Sequence[PortsSampled]) -> Sequence[str]:
        """What a lost port was until it was back: one that is DOWN in the end may be seen in BUILD first."""
        until_back = takewhile(lambda status: status != self.status, (_status(port, sample) for sample in samples))
        return list(dict.fromkeys(until_back))

    def _flapped(self, watched: set[str], before: PortsSampled, after: PortsSampled) -> str:
        for port in sorted(watched):
            then, now = before.revision.get(port), after.revision.get(port)
            if then is not None and now is not None and now > then and before.status.get(port) == self.status:
                return f"port {port} was changed {now - then} times between two looks, and {self.status} at both"
        return ""


def _status(port: str, sample: PortsSampled) -> str:
    return sample.status.get(port, "gone")


def _last_before(history: History, zero: float) -> Sequence[PortsSampled]:
    return [e for e in history.seen(PortsSampled) if e.t < zero][-1:]


def _may_change(history: History, begin: float, end: float) -> set[str]:
    """Ports whose NIC came or went meanwhile, or is not there."""
    moved = {e.port for e in history.seen(NicChanged) if begin < e.t <= end}
    return moved | {port for port, is_there in history.nics_present(end).items() if not is_there}


def _blind(history: History, zero: float, last: PortsSampled) -> str:
    """Why ports that stay prove nothing, or ''."""
    if history.exited() is not None:
        return "the agent is gone; a dead agent's ports prove nothing"
    if any(not e.alive for e in history.seen(AgentSampled) if e.t >= zero):
        return "the control plane says that the agent is not alive; a dead agent's ports prove nothing"
    began = history.last_begin()
    return "the ports were not looked at since the last step began" if began is not None and last.t < began else ""


def _unknown(words: str) -> Finding:
    return Finding("ports", Outcome.UNKNOWN, words)

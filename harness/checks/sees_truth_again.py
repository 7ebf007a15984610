"""PORT-2: truth returns with the HMC. An agent that always says ACTIVE must fail here.

BUILD is no statement: Neutron sets a port so while an agent that was away asks for it again. It is never the truth, but
takes none back either, if it passes in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from harness.checks.signs import no_ports
from harness.core.commands import AddNic, RemoveNic
from harness.core.events import NicChanged, PortsSampled
from harness.core.history import History
from harness.core.profile import Profile
from harness.core.scenario import Step
from harness.core.values import Says, Seconds, seconds_text
from harness.core.verdict import Finding, Late, Outcome

BUILD = "BUILD"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeesTruthAgain:
    """What changed on the HMC is seen after it and stays seen: ports of NICs that are there are ACTIVE, no others."""

    within: Annotated[Seconds, Says("how soon after the last fault is healed, or the last change")]

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """No new truth to see."""
        changes = any(isinstance(step.command, AddNic | RemoveNic) for step in timeline)
        return None if changes else "no NIC comes or goes; give the timeline a remove_nic or add_nic"

    def unfit_with(self, agent: Profile) -> str | None:
        """No ports."""
        return no_ports(agent)

    def judge(self, history: History) -> Finding:
        """PASS if a sample shows the truth in time, and so does every later one."""
        since = self._since(history)
        if since is None:
            return Finding("sees_truth_again", Outcome.UNKNOWN, "no NIC came or went, so there was no new truth to see")
        if history.exited() is not None:
            return Finding("sees_truth_again", Outcome.UNKNOWN, "the agent is gone, so its ports say nothing")
        seen = self._seen(history, since)
        if seen is not None and seen.t <= since + self.within:
            in_time = since + self.within
            again = self._lie_after(history, seen, in_time) or self._unsettled(history, in_time)
            if again:
                return again
            return Finding("sees_truth_again", Outcome.PASS, f"true {seconds_text(seen.t - since)} later", seen.t)
        lie = self._last_lie(history, since, seen)
        if not lie:
            return Finding("sees_truth_again", Outcome.UNKNOWN, "the ports were not looked at in that time")
        words = f"{lie}, {seconds_text(self.within)} after the HMC was back"
        late = Late.of(since, self.within, seen.t if seen else None)
        return Finding("sees_truth_again", Outcome.FAIL, words, since + self.within, late)

    def watch_until(self, history: History) -> float:
        """Until the truth is seen, and no port is in between, or should be."""
        since = self._since(history)
        if since is None:
            return 0.0
        last = history.seen(PortsSampled)[-1:]
        settled = self._seen(history, since) is not None and not any(BUILD in e.status.values() for e in last)
        return 0.0 if settled else since + self.within

    @staticmethod
    def _since(history: History) -> float | None:
        zero = history.zero
        changes = [e.t for e in history.seen(NicChanged) if zero is not None and e.t > zero]
        healed = history.last_healing()
        if not changes or (history.fault_windows() and healed is None):
            return None
        return max(changes[-1], healed or 0.0)

    def _seen(self, history: History, since: float) -> PortsSampled | None:
        samples = (e for e in history.seen(PortsSampled) if e.t >= since)
        return next((e for e in samples if not _lies(e, history.nics_present(e.t))), None)

    @staticmethod
    def _lie_after(history: History, seen: PortsSampled, in_time: float) -> Finding | None:
        """The first look that takes the truth back: nothing changes on the HMC any more."""
        for sample in history.seen(PortsSampled):
            lies = _lies(sample, history.nics_present(sample.t)) if sample.t > seen.t else []
            if lies and (sample.t > in_time or _wrongly_told(sample, history.nics_present(sample.t))):
                words = f"{lies[0]}, which had been told rightly {seconds_text(sample.t - seen.t)} before"
                return Finding("sees_truth_again", Outcome.FAIL, words, sample.t)
        return None

    @staticmethod
    def _unsettled(history: History, in_time: float) -> Finding | None:
        """A port that is still in between when the time is over."""
        for sample in [e for e in history.seen(PortsSampled) if e.t <= in_time][-1:]:
            lies = _lies(sample, history.nics_present(sample.t))
            if lies:
                return Finding("sees_truth_again", Outcome.FAIL, f"{lies[0]}, still when the time was over", sample.t)
        return None

    def _last_lie(self, history: History, since: float, seen: PortsSampled | None) -> str:
        """What was wrong at the last look before the truth came, or '' if nobody looked."""
        until = history.watched_until if seen is None else seen.t
        samples = [e for e in history.seen(PortsSampled) if since <= e.t <= until and e is not seen]
        return _lies(samples[-1], history.nics_present(samples[-1].t))[0] if samples else ""


def _wrongly_told(sample: PortsSampled, present: dict[str, bool]) -> bool:
    """Something is wrong apart from ports that are in between."""
    told = {port: is_there for port, is_there in present.items() if sample.status.get(port) != BUILD}
    return bool(_lies(sample, told))


def _lies(sample: PortsSampled, present: dict[str, bool]) -> list[str]:
    wrong = []
    for port, is_there in sorted(present.items()):
        status = sample.status.get(port, "gone")
        if status == BUILD or is_there != (status == "ACTIVE"):
            wrong.append(f"port {port} is {status}, but its NIC is {'there' if is_there else 'not there'}")
    return wrong

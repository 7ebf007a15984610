"""RUN-2: the agent's sign of life goes on, whatever the HMC does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from harness.core.events import AgentSampled, Heartbeat
from harness.core.history import History
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatGap:
    """Heartbeats follow each other with no larger gap than this, and the control plane says alive at every sample."""

    max_gap: Annotated[Seconds, Bounds(least=0.001), Says("the longest time between two heartbeats")]

    def judge(self, history: History) -> Finding:
        """FAIL at the first gap that is too large; the end of the watching closes the last gap."""
        end = history.lived_until()
        beats = [e.t for e in history.all(Heartbeat) if e.t <= end]
        if not beats:
            return Finding("heartbeat", Outcome.UNKNOWN, "no heartbeat was ever seen")
        for before, after in pairwise([*beats, end]):
            if after - before > self.max_gap:
                words = (
                    f"no heartbeat for {seconds_text(after - before)}; at most {seconds_text(self.max_gap)} are allowed"
                )
                return Finding("heartbeat", Outcome.FAIL, words, before + self.max_gap)
        dead = next((e for e in history.all(AgentSampled) if beats[0] < e.t <= end and not e.alive), None)
        if dead is not None:
            return Finding("heartbeat", Outcome.FAIL, "the control plane says that the agent is not alive", dead.t)
        largest = max((b - a for a, b in pairwise([*beats, end])), default=0.0)
        return Finding("heartbeat", Outcome.PASS, f"{len(beats)} heartbeats, largest gap {seconds_text(largest)}")

    def watch_until(self, history: History) -> float:
        """Long enough after the onset for a heartbeat that stopped to be missed."""
        onset = history.first_onset()
        return 0.0 if onset is None else onset + self.max_gap

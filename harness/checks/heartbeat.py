"""RUN-2: the agent's sign of life goes on, whatever the HMC does.

That the heartbeats of a dead agent ended with it is `keeps_running`'s to judge; here it proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from harness.checks.signs import no_heartbeat
from harness.core.events import AgentSampled, Heartbeat, ProbeFailed, SteadyHeld
from harness.core.history import History
from harness.core.profile import Profile
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Late, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatGap:
    """Heartbeats follow each other with no larger gap than this, and the control plane says alive at every sample."""

    max_gap: Annotated[Seconds, Bounds(least=0.001), Says("the longest time between two heartbeats")]

    def unfit_with(self, agent: Profile) -> str | None:
        """No heartbeat."""
        return no_heartbeat(agent)

    def judge(self, history: History) -> Finding:
        """FAIL at the first gap that is too large; the end of the watching closes the last gap."""
        end = history.lived_until()
        beats = [e.t for e in history.seen(Heartbeat) if e.t <= end]
        if not beats:
            return _unknown("no heartbeat was ever seen")
        first = _judged_from(history, beats)
        judged = [first, *(t for t in beats if t > first), end]
        for before, after in pairwise(judged):
            if after - before > self.max_gap:
                words = (
                    f"no heartbeat for {seconds_text(after - before)}; at most {seconds_text(self.max_gap)} are allowed"
                )
                if any(before < e.t <= after and not e.alive for e in history.seen(AgentSampled)):
                    words += "; meanwhile the control plane said that the agent was not alive"
                late = Late.of(before, self.max_gap, None if after == end else after)
                return Finding("heartbeat", Outcome.FAIL, words, before + self.max_gap, late)
        dead = next((e for e in history.seen(AgentSampled) if first < e.t <= end and not e.alive), None)
        if dead is not None:
            return Finding("heartbeat", Outcome.FAIL, "the control plane says that the agent is not alive", dead.t)
        blind = self._blind(history, beats[0])
        if blind:
            return _unknown(blind)
        largest = max(b - a for a, b in pairwise(judged))
        return Finding("heartbeat", Outcome.PASS, f"{len(beats)} heartbeats, largest gap {seconds_text(largest)}")

    def watch_until(self, history: History) -> float:
        """Long enough for a heartbeat to be missed that stopped with the newest step's begin or the last healing."""
        began, calm = history.last_begin(), history.calm_since()
        return 0.0 if began is None else max(began, calm or 0.0) + self.max_gap

    def _blind(self, history: History, first: float) -> str:
        """Why regular heartbeats prove nothing, or ''."""
        if history.exited() is not None:
            return "the agent is gone, and its heartbeats with it"
        onset = history.first_onset()
        if onset is not None and first > onset + self.max_gap and not _began_under(history, onset, first):
            return f"the first heartbeat came {seconds_text(first - onset)} after the first fault began"
        return ""


def _judged_from(history: History, beats: Sequence[float]) -> float:
    """An agent in its steady state is running; before that it may still be starting.

    So it is the last heartbeat before that counts. Where a look failed since then there may have been a later one.
    """
    steady = history.first(SteadyHeld)
    if steady is None:
        return beats[0]
    last = max((t for t in beats if t <= steady.t), default=steady.t)
    blind = any(last <= e.t <= steady.t for e in history.seen(ProbeFailed))
    return steady.t if blind else last


def _began_under(history: History, onset: float, first: float) -> bool:
    """Whether the agent was started into a fault, however long that took, and reported while it was in force."""
    started = history.started()
    return started is not None and onset < started.t and any(first in window for window in history.fault_windows())


def _unknown(words: str) -> Finding:
    return Finding("heartbeat", Outcome.UNKNOWN, words)

"""RUN-1: the same process lives through the outage and after it.

Where the harness itself kills the agent and starts it again (the fault `kill_agent`) that is no end of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from harness.checks.signs import one_shot
from harness.core.events import ProcessExited, ProcessStarted
from harness.core.history import History
from harness.core.profile import Profile
from harness.core.scenario import NO_HEALING, Step, faults_of, has_healing
from harness.core.values import Says, Seconds, seconds_text
from harness.core.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepsRunning:
    """The agent's process is never gone, for the whole outage and after it."""

    after: Annotated[
        Seconds,
        Says("how long to go on watching once all faults are healed and changes made; without any, from the zero"),
    ] = 0.0

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """No time after the last fault."""
        return NO_HEALING if self.after and faults_of(timeline) and not has_healing(timeline) else None

    def unfit_with(self, agent: Profile) -> str | None:
        """A program that ends by itself."""
        return one_shot(agent)

    def judge(self, history: History) -> Finding:
        """FAIL if it ended by itself."""
        started, gone = history.started(), history.exited()
        if started is None:
            return Finding("keeps_running", Outcome.UNKNOWN, "the agent never started")
        if gone is not None:
            after = seconds_text(gone.t - started.t)
            words = f"gone with status {gone.status} after {after}{_since_fault(history, gone.t)}"
            return Finding("keeps_running", Outcome.FAIL, words, gone.t)
        again = [e for e in history.seen(ProcessStarted) if e.who == started.who and e.pid != started.pid]
        killed = [e for e in history.seen(ProcessExited) if e.who == started.who and e.asked]
        if len(again) > len(killed):
            words = f"started {1 + len(again)} times"
            words += f", of which the harness asked for {len(killed)}" if killed else ""
            return Finding("keeps_running", Outcome.FAIL, words, again[len(killed)].t)
        if self.after and history.last_begin() is not None and history.calm_since() is None:
            return Finding("keeps_running", Outcome.UNKNOWN, "no time after the last fault was watched")
        watched = seconds_text(history.watched_until - started.t)
        how = f"ended only when it was killed ({len(killed)}), in" if killed else "ran all"
        return Finding("keeps_running", Outcome.PASS, f"{how} the {watched} that it was watched")

    def watch_until(self, history: History) -> float:
        """A while after the last healing or change, or after the timeline's zero if there is none."""
        calm = history.calm_since() if history.last_begin() is not None else history.zero
        return 0.0 if calm is None else calm + self.after


def _since_fault(history: History, t: float) -> str:
    onset, healed = history.first_onset(), history.last_healing()
    if healed is not None and t > healed:
        return f", {seconds_text(t - healed)} after the last fault was healed"
    if onset is not None and t > onset:
        return f", {seconds_text(t - onset)} after the first fault began"
    return ""

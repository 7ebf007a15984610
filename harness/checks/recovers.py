"""RUN-4: when the HMC is back, the agent finds it by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from harness.checks.only_reads import is_own_session
from harness.core.events import AGENT, RequestAnswered, RequestArrived, SessionChanged
from harness.core.history import History
from harness.core.scenario import NO_HEALING, Step, has_healing
from harness.core.values import Says, Seconds, seconds_text
from harness.core.verdict import Finding, Late, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovers:
    """The HMC answers a request of the agent with success within a time of the last healing."""

    within: Annotated[Seconds, Says("how soon after the last fault is healed")]
    fresh_session: Annotated[bool, Says("whether a new logon since the first fault is asked for, too")] = False

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """Nothing to recover from."""
        return None if has_healing(timeline) else NO_HEALING

    def judge(self, history: History) -> Finding:
        """PASS if it came back in time."""
        healed = history.last_healing()
        if healed is None:
            return Finding("recovers", Outcome.UNKNOWN, "no fault was healed, so there was nothing to recover from")
        back = self._back(history, healed)
        if back is None or back > healed + self.within:
            what = "no successful request" + (" in a fresh session" if self.fresh_session else "")
            words = f"{what} within {seconds_text(self.within)} of the healing"
            return Finding("recovers", Outcome.FAIL, words, healed + self.within, Late.of(healed, self.within, back))
        return Finding("recovers", Outcome.PASS, f"back {seconds_text(back - healed)} after the healing", back)

    def watch_until(self, history: History) -> float:
        """Until it is back, or should be."""
        healed = history.last_healing()
        return 0.0 if healed is None or self._back(history, healed) is not None else healed + self.within

    def _back(self, history: History, healed: float) -> float | None:
        logon = self._logon(history) if self.fresh_session else healed
        if logon is None:
            return None
        since = max(healed, logon)
        since_healing = (e for e in history.seen(RequestArrived) if e.who == AGENT and e.t >= healed)
        mine = {e.request for e in since_healing if self._counts(e)}
        good = (e.t for e in history.seen(RequestAnswered) if e.request in mine and e.status < 400 and e.t >= since)
        return next(good, None)

    def _counts(self, request: RequestArrived) -> bool:
        """To get a session and to end it is no use of it."""
        return not (self.fresh_session and is_own_session(request))

    @staticmethod
    def _logon(history: History) -> float | None:
        """When the agent first logged on since the first fault began."""
        onset = history.first_onset() or 0.0
        logons = (e.t for e in history.seen(SessionChanged) if e.who == AGENT and e.what == "logon" and e.t >= onset)
        return next(logons, None)

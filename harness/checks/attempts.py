"""TR-2, TR-4, TR-8, RUN-4: how often the agent tried, counted on the wire and not by its own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from harness.checks.logs import busiest
from harness.core.events import AGENT, ConnectionAttempt, RequestArrived
from harness.core.history import History, Interval
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Outcome


class What(StrEnum):
    """What is counted."""

    CONNECTIONS = "connections"
    REQUESTS = "requests"


class During(StrEnum):
    """When it is counted."""

    TRIAL = "trial"
    FAULTS = "faults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """So many connections, or requests that reached the HMC: in all, or in any stretch of a length."""

    what: Annotated[What, Says("connections, also refused and unanswered ones; or requests that the HMC read")]
    match: Annotated[RequestPattern, Says("which requests")] = ANY_REQUEST
    during: Annotated[During, Says("trial: from start to end; faults: while a fault is in force")] = During.FAULTS
    at_least: Annotated[int, Bounds(least=0), Says("the fewest")] = 0
    at_most: Annotated[int | None, Bounds(least=0), Says("the most; none: any number")] = None
    per: Annotated[Seconds | None, Says("judge at_most over any stretch of this length instead of in all")] = None

    def __post_init__(self) -> None:
        """Refuse bounds that say nothing or contradict each other."""
        if self.at_most is None and self.at_least == 0:
            raise ValueError("give at_least, at_most or both: without a bound every agent passes")
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most: no number fits")
        if self.per is not None and self.at_most is None:
            raise ValueError("per goes with at_most")

    def judge(self, history: History) -> Finding:
        """PASS if the number lies within the bounds."""
        if self.during is During.FAULTS and not history.fault_windows():
            return Finding("attempts", Outcome.UNKNOWN, "no fault was in force, so nothing was counted")
        times = self._times(history)
        most, where = (len(times), None) if self.per is None else busiest(times, self.per)
        stretch = "" if self.per is None else f" in {seconds_text(self.per)}"
        if self.at_most is not None and most > self.at_most:
            words = f"{most} {self.what}{stretch}; at most {self.at_most} are allowed"
            return Finding("attempts", Outcome.FAIL, words, where)
        if len(times) < self.at_least:
            words = f"{len(times)} {self.what}; at least {self.at_least} were expected"
            return Finding("attempts", Outcome.FAIL, words)
        return Finding("attempts", Outcome.PASS, f"{most} {self.what}{stretch}")

    def watch_until(self, history: History) -> float:
        """One stretch after the onset where a rate is judged."""
        onset = history.first_onset()
        return 0.0 if onset is None or self.per is None else onset + self.per

    def _times(self, history: History) -> list[float]:
        windows = history.fault_windows() if self.during is During.FAULTS else [Interval(0.0, history.watched_until)]
        return [t for t in self._all(history) if any(t in w for w in windows) and t <= history.watched_until]

    def _all(self, history: History) -> list[float]:
        if self.what is What.CONNECTIONS:
            return [e.t for e in history.all(ConnectionAttempt)]
        return [e.t for e in history.all(RequestArrived) if e.who == AGENT and self.match.matches(e.method, e.path)]

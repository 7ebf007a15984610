"""TR-1, TR-2, TR-3, TR-6, TR-7: how long it takes until the agent gives up, by the clock and not by its own words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from harness.core.events import AGENT, RequestArrived
from harness.core.history import History
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Kept, Late, Outcome


class Since(StrEnum):
    """What it is counted from."""

    CONNECTION = "connection"
    REQUEST = "request"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """From an attempt of the agent's to what it says of it, or to its end, so much time passes: no more and no less."""

    takes: Annotated[Seconds, Says("how long")]
    since: Annotated[Since, Says("connection: its first one that was seen, also refused; request: the first that "
                                 "the HMC read; or fault: the first one's begin")] = Since.CONNECTION  # fmt: skip
    match: Annotated[RequestPattern, Says("which request; goes with since: request")] = ANY_REQUEST
    until: Annotated[
        re.Pattern[str] | None, Says("the first line after it that matches; none: until the process has ended")
    ] = None
    share: Annotated[float, Bounds(0, 1), Says("it may be off by so much of it")] = 0.02
    slack: Annotated[Seconds, Says("and by so much more")] = 1.0

    def __post_init__(self) -> None:
        """Refuse to pick a request where it is counted from something else."""
        if self.match != ANY_REQUEST and self.since is not Since.REQUEST:
            raise ValueError("match goes with since: request; nothing else has a method and path, so take it out")

    @property
    def tolerance_s(self) -> float:
        """By how much it may be off."""
        return self.takes * self.share + self.slack

    def needs_s(self) -> float:
        """How long a trial with it lasts."""
        return self.takes + self.tolerance_s

    def judge(self, history: History) -> Finding:
        """PASS if the time lies within the tolerance."""
        begin = self._begin(history)
        if begin is None:
            return Finding("elapsed", Outcome.UNKNOWN, f"there was no {self.since} from which to count")
        end = self._end(history, begin)
        if end is None:
            return self._never(history, begin)
        took = end - begin
        off = abs(took - self.takes)
        words = f"{seconds_text(took)} from the first {self.since}"
        if off <= self.tolerance_s:
            kept = Kept(begin, end, took - self.takes + self.tolerance_s)
            return Finding("elapsed", Outcome.PASS, words, end, kept=(kept,))
        wanted = f"{seconds_text(self.takes)} (give or take {seconds_text(self.tolerance_s)}) were expected"
        return Finding("elapsed", Outcome.FAIL, f"{words}; {wanted}", end, Late(begin, off - self.tolerance_s))

    def watch_until(self, history: History) -> float:
        """Until it is over, or should be; without an end as long as it has not begun."""
        begin = self._begin(history)
        if begin is None:
            return math.inf if history.started() and not history.exited() else 0.0
        return 0.0 if self._end(history, begin) is not None else begin + self.takes + self.tolerance_s

    def _begin(self, history: History) -> float | None:
        if self.since is Since.FAULT:
            return history.first_onset()
        if self.since is Since.CONNECTION:
            return next((e.t for e in history.attempts()), None)
        arrived = history.seen(RequestArrived)
        return next((e.t for e in arrived if e.who == AGENT and self.match.matches(e.method, e.path)), None)

    def _end(self, history: History, begin: float) -> float | None:
        if self.until is None:
            gone = history.exited()
            return gone.t if gone else None
        pattern = self.until
        return next((e.t for e in history.agent_log() if e.t >= begin and pattern.search(e.text)), None)

    def _never(self, history: History, begin: float) -> Finding:
        if history.exited() is not None:
            return Finding("elapsed", Outcome.FAIL, "the agent ended without the words that were expected")
        words = f"it was not over {seconds_text(self.takes + self.tolerance_s)} after the first {self.since}"
        end = begin + self.takes + self.tolerance_s
        return Finding("elapsed", Outcome.FAIL, words, end, Late(begin, self.tolerance_s))

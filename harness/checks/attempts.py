"""TR-2, TR-4, TR-8, RUN-4: how often the agent tried, counted on the wire and not by its own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from harness.checks.logs import busiest
from harness.checks.signs import no_alternate, one_of_two
from harness.core.commands import Address, Channel
from harness.core.events import AGENT, ProcessStarted, RequestArrived, Touched, Unseen
from harness.core.history import History, Interval
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.profile import Profile
from harness.core.scenario import Step, faults_of
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Outcome


class What(StrEnum):
    """What is counted."""

    CONNECTIONS = "connections"
    LISTENERS = "listeners"
    REQUESTS = "requests"
    TOUCHES = "touches"


CHANNELS = {What.CONNECTIONS: Channel.API, What.LISTENERS: Channel.NOTIFICATIONS}
"""What is a connection, and to which of the HMC's ports."""


COUNTED = (
    "connections, also refused and unanswered ones; listeners: those to the port of notifications; "
    "requests that the HMC read; or touches: what faults met"
)
"""What the settings of checks say of `What`."""


class During(StrEnum):
    """When it is counted."""

    TRIAL = "trial"
    FAULTS = "faults"


def requests_of_agent(history: History, match: RequestPattern, address: Address | None) -> list[RequestArrived]:
    """The agent's requests that match, which an HMC has read; the HMC at this address, if told."""
    mine = (e for e in history.seen(RequestArrived) if e.who == AGENT and address in (None, e.address))
    return [e for e in mine if match.matches(e.method, e.path)]


def refuse_match(match: RequestPattern, what: What) -> None:
    """Refuse to pick requests where none are counted.

    Raises:
        ValueError: it would be passed over in silence; says what to write.
    """
    if match != ANY_REQUEST and what is not What.REQUESTS:
        raise ValueError(f"match goes with what: requests; {what} have no method and path, so take it out")


def refuse_address(address: Address | None, what: What) -> None:
    """Refuse to pick an HMC where that cannot be told.

    Raises:
        ValueError: it would be passed over in silence; says what to write.
    """
    one_of_two(address)
    if address is not None and what not in (What.CONNECTIONS, What.REQUESTS):
        raise ValueError(f"address goes with what: connections or requests; an alternate has no {what}, so take it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """So many connections, or requests that reached the HMC: in all, or in any stretch of a length.

    A connection tells nobody whose it is. Where a bystander ran, the agent made at most as many as were seen.
    """

    what: Annotated[What, Says(COUNTED)]
    match: Annotated[RequestPattern, Says("which requests; goes with what: requests")] = ANY_REQUEST
    during: Annotated[During, Says("trial: from start to end; faults: while a fault is in force")] = During.FAULTS
    at_least: Annotated[int, Bounds(least=0), Says("the fewest")] = 0
    at_most: Annotated[int | None, Bounds(least=0), Says("the most; none: any number")] = None
    per: Annotated[Seconds | None, Says("judge at_most over any stretch of this length instead of in all")] = None
    address: Annotated[
        Address | None, Says("first or alternate: those of one HMC of two, connections or requests; none: of either")
    ] = None

    def __post_init__(self) -> None:
        """Refuse bounds that say nothing or contradict each other."""
        if self.at_most is None and self.at_least == 0:
            raise ValueError("give at_least, at_most or both: without a bound every agent passes")
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most: no number fits")
        if self.per is not None and self.at_most is None:
            raise ValueError("per goes with at_most")
        refuse_match(self.match, self.what)
        refuse_address(self.address, self.what)

    def unfit_with(self, agent: Profile) -> str | None:
        """Nobody who knows a second HMC."""
        return no_alternate(agent, self.address)

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """Nothing in which to count."""
        if self.during is During.TRIAL or faults_of(timeline):
            return None
        return "there is no fault during which to count; write during: trial"

    def judge(self, history: History) -> Finding:
        """PASS if the number lies within the bounds."""
        blind = self._blind(history)
        if blind:
            return Finding("attempts", Outcome.UNKNOWN, f"{blind}, so nothing was counted")
        times = self._times(history)
        finding = self._count(times, self._windows(history)[-1].end)
        unseen = self._unseen(history)
        if unseen and not self._sure_if_more(finding, len(times)):
            words = f"{len(times)} {self.what} were seen, but {unseen}"
            return Finding("attempts", Outcome.UNKNOWN, words, finding.t)
        # Too few stay too few without the bystander's share, and few enough stay few enough.
        sure = len(times) < self.at_least or (self.at_least == 0 and finding.outcome is Outcome.PASS)
        if sure or not self._shared(history):
            return finding
        return Finding("attempts", Outcome.UNKNOWN, f"{finding.words}; a bystander's are among them", finding.t)

    def watch_until(self, history: History) -> float:
        """One stretch after the newest step's begin where a rate is judged."""
        began = history.last_begin()
        return 0.0 if began is None or self.per is None else began + self.per

    def _count(self, times: list[float], end: float) -> Finding:
        most, where = (len(times), None) if self.per is None else busiest(times, self.per)
        stretch = "" if self.per is None else f" in {seconds_text(self.per)}"
        if self.at_most is not None and most > self.at_most:
            words = f"{most} {self.what}{stretch}; at most {self.at_most} are allowed"
            return Finding("attempts", Outcome.FAIL, words, where)
        if len(times) < self.at_least:
            words = f"{len(times)} {self.what}; at least {self.at_least} were expected"
            return Finding("attempts", Outcome.FAIL, words, end)
        return Finding("attempts", Outcome.PASS, f"{most} {self.what}{stretch}")

    def _blind(self, history: History) -> str:
        """Why nothing could be counted, or ''."""
        windows = self._windows(history)
        if history.started() is None:
            return "the agent never started"
        if not windows:
            return "no fault was in force"
        first = min(window.begin for window in windows)
        return "the agent was gone before the first fault" if history.lived_until() < first else ""

    def _windows(self, history: History) -> list[Interval]:
        """When to count, cut off where the watching ended; the last one to end comes last."""
        end = history.watched_until
        if self.during is During.TRIAL:
            return [Interval(0.0, end)]
        return [Interval(w.begin, min(w.end, end)) for w in sorted(history.fault_windows(), key=lambda w: w.end)]

    def _times(self, history: History) -> list[float]:
        windows = self._windows(history)
        return [t for t in self._all(history) if any(t in w for w in windows)]

    def _all(self, history: History) -> list[float]:
        if self.what in CHANNELS:
            return [e.t for e in history.attempts(CHANNELS[self.what], self.address)]
        if self.what is What.TOUCHES:
            return [e.t for e in history.seen(Touched)]
        return [e.t for e in requests_of_agent(history, self.match, self.address)]

    def _sure_if_more(self, finding: Finding, seen: int) -> bool:
        """Whether more than were seen would change nothing: too many stay too many, enough stay enough."""
        if finding.outcome is Outcome.PASS:
            return self.at_most is None
        return seen >= self.at_least

    def _unseen(self, history: History) -> str:
        """What could not be counted and why, or ''."""
        unseen = history.seen(Unseen) if self.what in CHANNELS else []
        return next((f"{e.what} {e.why}" for e in unseen), "")

    def _shared(self, history: History) -> bool:
        others = (e for e in history.seen(ProcessStarted) if e.who != AGENT)
        return self.what in CHANNELS and next(others, None) is not None

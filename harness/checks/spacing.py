"""TR-1, TR-2, TR-6: attempts that follow each other at the pace that the agent's settings say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from harness.checks.attempts import CHANNELS, COUNTED, What, refuse_address, refuse_match, requests_of_agent
from harness.checks.signs import no_alternate
from harness.core.commands import Address
from harness.core.events import AGENT, ProcessStarted, Touched, Unseen
from harness.core.history import History
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.profile import Profile
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Kept, Late, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Between two connections, or two requests that reached the HMC, so much time passes: no more and no less."""

    what: Annotated[What, Says(COUNTED)]
    every: Annotated[Seconds, Says("from each to the next")]
    at_least: Annotated[int, Bounds(least=1), Says("so many distances; fewer prove nothing")] = 1
    match: Annotated[RequestPattern, Says("which requests; goes with what: requests")] = ANY_REQUEST
    share: Annotated[float, Bounds(0, 1), Says("it may be off by so much of it")] = 0.02
    slack: Annotated[Seconds, Says("and by so much more")] = 1.0
    address: Annotated[
        Address | None, Says("first or alternate: those of one HMC of two, connections or requests; none: of either")
    ] = None

    def __post_init__(self) -> None:
        """Refuse to pick requests where none are counted, or an HMC where that cannot be told."""
        refuse_match(self.match, self.what)
        refuse_address(self.address, self.what)

    def unfit_with(self, agent: Profile) -> str | None:
        """Nobody who knows a second HMC."""
        return no_alternate(agent, self.address)

    @property
    def tolerance_s(self) -> float:
        """By how much it may be off."""
        return self.every * self.share + self.slack

    def needs_s(self) -> float:
        """As long as the distances that have to be seen."""
        return self.every * self.at_least + self.tolerance_s

    def judge(self, history: History) -> Finding:
        """PASS if each distance lies within the tolerance, and there is one."""
        blind = self._blind(history)
        if blind:
            return Finding("spacing", Outcome.UNKNOWN, blind)
        gaps = list(pairwise(self._times(history)))
        if len(gaps) < self.at_least:
            words = f"{len(gaps)} distances between {self.what} were seen; {self.at_least} are needed"
            return Finding("spacing", Outcome.UNKNOWN, words)
        begin, end = max(gaps, key=self._off)
        words = f"{len(gaps)} distances, the one that is most off: {seconds_text(end - begin)}"
        if self._off((begin, end)) <= self.tolerance_s:
            kept = tuple(Kept(a, b, b - a - self.every + self.tolerance_s) for a, b in gaps)
            return Finding("spacing", Outcome.PASS, words, kept=kept)
        words += f"; {seconds_text(self.every)} (give or take {seconds_text(self.tolerance_s)}) were expected"
        late = Late(begin, self._off((begin, end)) - self.tolerance_s)
        return Finding("spacing", Outcome.FAIL, words, end, late)

    def watch_until(self, history: History) -> float:  # noqa: ARG002 - what is judged is what was seen by then
        """It asks for no time of its own."""
        return 0.0

    def _off(self, gap: tuple[float, float]) -> float:
        return abs(gap[1] - gap[0] - self.every)

    def _times(self, history: History) -> Iterator[float]:
        if self.what in CHANNELS:
            return (e.t for e in history.attempts(CHANNELS[self.what], self.address))
        if self.what is What.TOUCHES:
            return (e.t for e in history.seen(Touched))
        return (e.t for e in requests_of_agent(history, self.match, self.address))

    def _blind(self, history: History) -> str:
        """Why nothing can be said, or ''."""
        if self.what not in CHANNELS:
            return ""
        unseen = next((f"{e.what} {e.why}" for e in history.seen(Unseen)), "")
        others = any(e.who != AGENT for e in history.seen(ProcessStarted))
        return unseen or ("a bystander's connections are among those that were seen" if others else "")

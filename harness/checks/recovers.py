"""RUN-4: when the HMC is back, the agent finds it by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from harness.checks.only_reads import is_own_session
from harness.checks.signs import no_alternate, no_bus, no_notifications, one_of_two
from harness.core.commands import Address, Channel
from harness.core.events import (
    AGENT,
    AgentSampled,
    Heartbeat,
    RequestAnswered,
    RequestArrived,
    SessionChanged,
    SubscriptionChanged,
)
from harness.core.history import History
from harness.core.profile import Profile
from harness.core.scenario import NO_HEALING, Step, has_healing
from harness.core.values import Says, Seconds, seconds_text
from harness.core.verdict import Finding, Late, Outcome

_WITH_REQUESTS = (Channel.API, Channel.BOTH)
_LISTENING = (Channel.NOTIFICATIONS, Channel.BOTH)
_BEATS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovers:
    """Within a time of the last healing the HMC answers the agent or notifies it, or Neutron hears it again."""

    within: Annotated[Seconds, Says("how soon after the last fault is healed")]
    fresh_session: Annotated[bool, Says("whether a new logon since the first fault is asked for, too")] = False

    channel: Annotated[
        Channel,
        Says("api: a request is answered with success; notifications: it listens, and still does when the time is "
             "over; both; or bus: heartbeats arrive, and the control plane says alive"),
    ] = Channel.API  # fmt: skip
    address: Annotated[Address | None, Says("first or alternate: which HMC of two has to answer; none: either")] = None

    def __post_init__(self) -> None:
        """Refuse a session for who needs none, and an HMC where nobody answers."""
        one_of_two(self.address)
        if self.address is not None and self.channel is not Channel.API:
            raise ValueError("address goes with channel: api; an alternate HMC has nothing else, so take it out")
        if self.fresh_session and self.channel not in _WITH_REQUESTS:
            raise ValueError("fresh_session goes with requests; take it out, or write channel: both")

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """Nothing to recover from."""
        return None if has_healing(timeline) else NO_HEALING

    def unfit_with(self, agent: Profile) -> str | None:
        """Nobody who would see it."""
        if self.channel is Channel.BUS:
            return no_bus(agent)
        return no_notifications(agent) if self.channel in _LISTENING else no_alternate(agent, self.address)

    def judge(self, history: History) -> Finding:
        """PASS if it came back in time."""
        healed = history.last_healing()
        if healed is None:
            return Finding("recovers", Outcome.UNKNOWN, "no fault was healed, so there was nothing to recover from")
        gone = history.exited()
        if self.channel in _LISTENING and gone is not None and gone.t < healed + self.within:
            words = "the agent was gone before the time was over, so it does not listen any more"
            return Finding("recovers", Outcome.UNKNOWN, words, gone.t)
        backs = self._backs(history, healed)
        for what, back in backs.items():
            if back is None or back > healed + self.within:
                words = f"{what} within {seconds_text(self.within)} of the healing"
                late = Late.of(healed, self.within, back)
                return Finding("recovers", Outcome.FAIL, words, healed + self.within, late)
        last = max(back for back in backs.values() if back is not None)
        return Finding("recovers", Outcome.PASS, f"back {seconds_text(last - healed)} after the healing", last)

    def watch_until(self, history: History) -> float:
        """Until it is back, or should be."""
        healed = history.last_healing()
        if healed is None:
            return 0.0
        if self.channel is Channel.BUS:
            decided = self._heard(history, healed) is not None
        else:
            decided = self.channel is Channel.API and self._back(history, healed) is not None
        return 0.0 if decided else healed + self.within

    def _backs(self, history: History, healed: float) -> Mapping[str, float | None]:
        """When it was back, by what to say if it was not."""
        backs: dict[str, float | None] = {}
        if self.channel in _WITH_REQUESTS:
            what = "no successful request" + (" in a fresh session" if self.fresh_session else "")
            what += f" to the {self.address} HMC" if self.address else ""
            backs[what] = self._back(history, healed)
        if self.channel is Channel.BUS:
            backs["no heartbeat of an agent that is alive"] = self._heard(history, healed)
        if self.channel in _LISTENING:
            backs["it did not listen to notifications"] = self._listens(history, healed)
        return backs

    def _heard(self, history: History, healed: float) -> float | None:
        """When, after two heartbeats since the healing, the control plane said that it is alive.

        The first one may be an old one, which the fault has held back or a look has seen late.
        """
        beats = [e.t for e in history.seen(Heartbeat) if e.t >= healed]
        if len(beats) < _BEATS:
            return None
        return next((e.t for e in history.seen(AgentSampled) if e.t >= beats[_BEATS - 1] and e.alive), None)

    def _listens(self, history: History, healed: float) -> float | None:
        """Since when, from the healing on, it listens to as many topics as before, and no less till the time is over.

        A subscription that is there at the healing may be a dead one that the broker has not missed yet.
        """
        now: set[tuple[str, str]] = set()
        since: float | None = None
        wanted = self._topics_before(history)
        for event in (e for e in history.seen(SubscriptionChanged) if e.who == AGENT and e.t <= healed + self.within):
            (now.add if event.present else now.discard)((event.listener, event.topic))
            since = None if len({topic for _, topic in now}) < wanted else since or max(event.t, healed)
        return None if since is None else max(since, healed)

    @staticmethod
    def _topics_before(history: History) -> int:
        """How many topics it listened to when the first fault began; one at the least."""
        onset, topics = history.first_onset(), set[tuple[str, str]]()
        for event in history.seen(SubscriptionChanged):
            if event.who == AGENT and onset is not None and event.t <= onset:
                (topics.add if event.present else topics.discard)((event.listener, event.topic))
        return max(1, len({topic for _, topic in topics}))

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
        if self.address not in (None, request.address):
            return False
        return not (self.fresh_session and is_own_session(request))

    @staticmethod
    def _logon(history: History) -> float | None:
        """When the agent first logged on since the first fault began."""
        onset = history.first_onset() or 0.0
        logons = (e.t for e in history.seen(SessionChanged) if e.who == AGENT and e.what == "logon" and e.t >= onset)
        return next(logons, None)

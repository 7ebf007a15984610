"""Parts of a steady state: what has to hold before the first fault, so that a later loss means something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from harness.checks.signs import no_heartbeat, no_notifications, no_ports
from harness.core.events import (
    AGENT,
    Heartbeat,
    LogLine,
    PortsSampled,
    RequestAnswered,
    RequestArrived,
    SubscriptionChanged,
)
from harness.core.history import History
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.profile import Profile
from harness.core.values import Bounds, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatsSeen:
    """So many heartbeats have arrived."""

    count: Annotated[int, Bounds(least=1), Says("how many")] = 1

    def unfit_with(self, agent: Profile) -> str | None:
        """No heartbeat."""
        return no_heartbeat(agent)

    def missing(self, history: History) -> str | None:
        """What is still missing."""
        seen = len(history.all(Heartbeat))
        return None if seen >= self.count else f"{seen} of {self.count} heartbeats arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortsHave:
    """Every port whose NIC is on the HMC has this status, and there is at least one."""

    status: Annotated[str, Says("Neutron's port status")] = "ACTIVE"

    def unfit_with(self, agent: Profile) -> str | None:
        """No ports."""
        return no_ports(agent)

    def missing(self, history: History) -> str | None:
        """What is still missing."""
        sample = history.last(PortsSampled)
        if sample is None:
            return "no port was seen"
        present = history.nics_present(sample.t)
        there = {port for port, is_there in present.items() if is_there} | (sample.status.keys() - present.keys())
        if not there:
            return "no port was seen"
        status = {port: sample.status.get(port, "not known") for port in sorted(there)}
        others = {port: seen for port, seen in status.items() if seen != self.status}
        return f"ports are not {self.status}: {others}" if others else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSays:
    """The agent has printed a matching line."""

    pattern: Annotated[re.Pattern[str], Says("regular expression")]

    def missing(self, history: History) -> str | None:
        """What is still missing."""
        lines = (e for e in history.all(LogLine) if e.who == AGENT)
        found = any(self.pattern.search(e.text) for e in lines)
        return None if found else f"no line matches {self.pattern.pattern!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The agent listens to so many topics of the HMC's message broker."""

    count: Annotated[int, Bounds(least=1), Says("how many")] = 1

    def unfit_with(self, agent: Profile) -> str | None:
        """No listener."""
        return no_notifications(agent)

    def missing(self, history: History) -> str | None:
        """What is still missing."""
        there = {(e.listener, e.topic): e.present for e in history.all(SubscriptionChanged) if e.who == AGENT}
        now = sum(there.values())
        return None if now >= self.count else f"the agent listens to {now} of {self.count} topics"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsAnswered:
    """So many matching requests of the agent were answered with success."""

    match: Annotated[RequestPattern, Says("which requests")] = ANY_REQUEST
    count: Annotated[int, Bounds(least=1), Says("how many")] = 1

    def missing(self, history: History) -> str | None:
        """What is still missing."""
        mine = {
            e.request for e in history.all(RequestArrived) if e.who == AGENT and self.match.matches(e.method, e.path)
        }
        good = sum(1 for e in history.all(RequestAnswered) if e.request in mine and e.status < 400)
        return None if good >= self.count else f"{good} of {self.count} requests {self.match} were answered"

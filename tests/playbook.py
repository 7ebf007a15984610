"""Hand-written histories that read as a conversation, for tests of checks and of the verdict.

    story(
        less(healthy(), between(7.0, 9.0, Heartbeat)),  # an agent that does all well but this
        at(6.0, log("HMC gone", level="warning")),
    )

The healthy trial: start at 0 s, steady and timeline's zero at 3 s, fault from 5 s to 10 s, end of the watch at 20 s.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

from harness.core.events import (
    AGENT,
    AgentSampled,
    ConnectionAttempt,
    Event,
    Heartbeat,
    LogLine,
    NicChanged,
    PortsSampled,
    ProcessExited,
    ProcessStarted,
    RequestAnswered,
    RequestArrived,
    SessionChanged,
    SteadyHeld,
    StepBegan,
    StepHealed,
    SubscriptionChanged,
    TimelineBegan,
    Touched,
    TrialBegan,
    WatchEnded,
)
from harness.core.history import History
from harness.core.verdict import Check, Expectation, Finding, Outcome, judge

ZERO, ONSET, HEALED, END = 3.0, 5.0, 10.0, 20.0
"""Moments of the healthy trial, in seconds."""

ADDRESS = "127.9.8.7:6794"
CLAIMS: Mapping[str, float] = {
    "connect_timeout": 3.0,
    "connect_retries": 1.0,
    "read_timeout": 4.0,
    "read_retries": 1.0,
}
"""What the agent's profile says; it allows 3 s * 2 + 4 s * 2 = 14 s for one call."""

PORTS: Mapping[str, str] = {"nic-a": "ACTIVE", "nic-b": "ACTIVE"}
OTHER = "bystander"

Scene = Iterable[Event]
Unwanted = Callable[[Event], bool]

_numbers = count(1)


def at(t: float, *events: Event | Scene) -> list[Event]:
    """These events at this moment; the parts of a scene keep the distances that they have from 0."""
    return [
        dataclasses.replace(event, t=t + event.t)
        for item in events
        for event in ([item] if isinstance(item, Event) else item)
    ]


def each(period_s: float, begin: float, end: float, make: Callable[[], Event | Scene]) -> list[Event]:
    """What `make` makes, from `begin` on and as long as it is not after `end`."""
    times = (begin + n * period_s for n in range(int((end - begin) / period_s + 1e-9) + 1))
    return [event for t in times for event in at(t, make())]


def between(begin: float, end: float, *kinds: type[Event]) -> Unwanted:
    """Events of these kinds that lie strictly between two moments."""
    return lambda event: isinstance(event, kinds) and begin < event.t < end


def after(t: float, *kinds: type[Event]) -> Unwanted:
    """Events of these kinds that come after this moment."""
    return between(t, float("inf"), *kinds)


def every(*kinds: type[Event]) -> Unwanted:
    """All events of these kinds."""
    return lambda event: isinstance(event, kinds)


def less(scene: Scene, *unwanted: Unwanted) -> list[Event]:
    """A scene without what is not wanted."""
    return [event for event in scene if not any(is_meant(event) for is_meant in unwanted)]


def story(*scenes: Scene) -> History:
    """A history of all these scenes, in the order of their time."""
    return History.of(sorted((event for scene in scenes for event in scene), key=lambda event: event.t))


# Words of the conversation: events with the settings that nearly every test would give them.


def began(timeouts: Mapping[str, float] | None = None, *, address: str = ADDRESS) -> TrialBegan:
    """The header, with what the agent's profile claims."""
    return TrialBegan(scenario="a story", document="{}", seed=1, address=address, timeouts=timeouts or {})


def started(who: str = AGENT, pid: int = 100) -> ProcessStarted:
    """A program was executed."""
    return ProcessStarted(who=who, pid=pid)


def gone(status: int = 1, *, who: str = AGENT, asked: bool = False) -> ProcessExited:
    """A program ended."""
    return ProcessExited(who=who, status=status, asked=asked)


def log(text: str, *, level: str = "", stream: str = "stderr", who: str = AGENT) -> LogLine:
    """A line was printed."""
    return LogLine(who=who, stream=stream, level=level, text=text)


def ports(**status: str) -> PortsSampled:
    """The control plane was asked for the ports; ``nic_a="DOWN"`` is the port ``nic-a``, and the others are ACTIVE."""
    return PortsSampled(status={**PORTS, **{name.replace("_", "-"): value for name, value in status.items()}})


def changed(port: str, revision: int) -> PortsSampled:
    """All ports are ACTIVE, as ever, but this one has another revision number."""
    return PortsSampled(status=PORTS, revision={**dict.fromkeys(PORTS, 1), port: revision})


def request(what: str = "GET /api/cpcs", *, who: str = AGENT, status: int = 200, takes_s: float = 0.1) -> list[Event]:
    """A request and its answer."""
    number = next(_numbers)
    return [
        *asked(what, who=who, number=number),
        *at(takes_s, RequestAnswered(request=number, status=status, reason=-1, seconds=takes_s)),
    ]


def asked(what: str = "GET /api/cpcs", *, who: str = AGENT, number: int | None = None) -> list[Event]:
    """A request without its answer."""
    method, _, path = what.partition(" ")
    return [RequestArrived(request=next(_numbers) if number is None else number, method=method, path=path, who=who)]


def connection(outcome: str = "accepted", *, channel: str = "api") -> ConnectionAttempt:
    """Somebody tried to connect."""
    return ConnectionAttempt(connection=f"c{next(_numbers)}", outcome=outcome, channel=channel)


def listens(present: bool = True, *, who: str = AGENT, listener: str = "l1", topic: str = "t") -> SubscriptionChanged:
    """A program listens to a topic from now on, or no longer does."""
    return SubscriptionChanged(who=who, listener=listener, topic=topic, present=present)


def logon(who: str = AGENT) -> SessionChanged:
    """A program got a session."""
    return SessionChanged(who=who, what="logon")


def fault(begin: float = ONSET, end: float | None = HEALED, *, step: int = 1, touched: bool = True) -> list[Event]:
    """A fault that is in force and touches something halfway; `end` None: it is never healed."""
    until = begin + 1.0 if end is None else end
    events = at(begin, StepBegan(step=step, what="hang", engine="relay", fault=True, due=begin))
    events += at((begin + until) / 2, Touched(step=step, what="held")) if touched else []
    return events if end is None else [*events, *at(end, StepHealed(step=step, due=end))]


def change(t: float, *, step: int = 2) -> list[Event]:
    """A change of the HMC: a step that is no fault."""
    return at(t, StepBegan(step=step, what="remove_nic", engine="hmc", fault=False, due=t))


def steady(t: float = ZERO) -> list[Event]:
    """The steady state and the timeline's zero."""
    return at(t, SteadyHeld(), TimelineBegan())


def watched(until: float = END) -> list[Event]:
    """The end of the watching."""
    return at(until, WatchEnded(reason="every check can decide"))


def alive(end: float = END) -> list[Event]:
    """Signs of life until this moment: heartbeats each second, and what the control plane says."""
    return [*each(1.0, 0.5, end, lambda: Heartbeat(source="control plane")), *looks(end)]


def looks(end: float = END) -> list[Event]:
    """What the control plane says each second: alive, and all ports ACTIVE."""
    return [*each(1.0, 1.0, end, lambda: AgentSampled(alive=True)), *each(1.0, 1.0, end, ports)]


def healthy(*, end: float = END, requests: bool = True) -> Iterator[Event]:
    """A DPM agent that does everything well through a fault from 5 s to 10 s."""
    yield from at(0.0, began(CLAIMS))
    yield from at(0.0, *(NicChanged(port=port, present=True) for port in PORTS))
    yield from at(0.1, started())
    yield from at(0.2, connection(), logon(), log("agent started", level="info"))
    yield from alive(end)
    if requests:
        yield from each(1.0, 0.3, 4.3, request)
        yield from each(1.0, 10.3, end - 0.5, request)
    yield from steady()
    yield from fault()
    yield from at(5.5, log("lost the HMC: timed out", level="warning"))
    yield from at(10.4, log("the HMC is back", level="warning"), logon())
    yield from watched(end)


# What tests ask.


def found(check: Check, history: History) -> tuple[str, str, float | None]:
    """The check's finding as outcome, words and moment."""
    finding = check.judge(history)
    return str(finding.outcome), finding.words, finding.t


def verdict_of(check: Check, history: History) -> Finding:
    """The finding on this check as the verdict has it, for what only the verdict can tell."""
    verdict = judge([Expectation("it", check)], history, needs_witness=())
    return next(f for f in verdict.findings if f.check == check.judge(history).check)


PASS, UNKNOWN, FAIL = str(Outcome.PASS), str(Outcome.UNKNOWN), str(Outcome.FAIL)

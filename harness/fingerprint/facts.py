"""What was seen of one case, and what it means. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.core.commands import Channel
from harness.core.events import (
    ComponentCrashed,
    ConnectionAttempt,
    Event,
    RequestArrived,
    StepFailed,
    Strayed,
    Touched,
)
from harness.fingerprint.cases import TARGETS, Case, Does
from harness.fingerprint.moments import NOTES, witnesses_of

SEEN = "seen"
NO_END = "no end"
DIED = "process died"
CHANGING = (Does.POST, Does.DELETE, Does.JOB)
"""What is asked of the HMC here changes something."""
MANY_LOGONS = 10
"""More logons than this for one call are a client that logs on in a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a client did in one case."""

    case: str
    outcome: str
    """``returned TYPE``, the exception's class, ``no end`` or ``process died``; of an agent what became of it.

    Where a fault has phases, what each of them did to one call, the last one before an HMC that is well again.
    """
    words: str
    """The exception's own words, or the result's begin; without secrets."""
    seconds: float
    connections: int
    """Attempts to connect once the fault was in force, also refused ones."""
    requests: int
    """How often the request that was asked for was sent."""
    executed: int
    """How often the HMC got it, and carried it out."""
    logons: int
    others: int
    """Other requests: polls of a job, deletions."""
    spacing_s: tuple[float, ...]
    """Seconds between the attempts on the wire."""
    met: bool
    """Whether the fault touched anything; if not, nothing is known."""
    flags: tuple[str, ...]
    """What is worth a second look."""
    notes: tuple[str, ...] = ()
    """What is worth knowing, and nobody's fault."""


def facts_of(case: Case, events: Sequence[Event], *, since: float, outcome: str, words: str, seconds: float) -> Facts:
    """What the events since a moment say; `outcome`, `words` and `seconds` are the client's own."""
    now = [event for event in events if event.t >= since]
    seen = list(noted(now))
    target = TARGETS[case.does]
    requests = [t for t, request in seen if request == target]
    logons = sum(request == TARGETS[Does.LOGON] for _, request in seen)
    connections = [e.t for e in now if isinstance(e, ConnectionAttempt) and e.channel == Channel.API]
    facts = Facts(
        case=case.id,
        outcome=outcome,
        words=words,
        seconds=round(seconds, 2),
        connections=len(connections),
        requests=len(requests),
        executed=sum((e.method, e.path) == target for e in now if isinstance(e, RequestArrived)),
        logons=logons,
        others=len(seen) - len(requests) - (0 if case.does is Does.LOGON else logons),
        spacing_s=gaps(requests if len(requests) > 1 else connections),
        met=witnesses_of(case.fault) <= {event.step for event in now if isinstance(event, Touched)},
        flags=(),
        notes=tuple(_notes(case, len(requests))),
    )
    return _with_flags(facts, case, now)


def _notes(case: Case, sent: int) -> Iterator[str]:
    """A request that is not idempotent was sent again, whether or not it was right to do so (RFC 9110, 9.2.2)."""
    if sent > 1 and case.does in CHANGING:
        yield f"sends one {TARGETS[case.does][0]} {sent} times"


def noted(events: Iterable[Event]) -> Iterator[tuple[float, tuple[str, str]]]:
    """When each request was seen on the wire, with its method and path; also one that the HMC never got."""
    for event in events:
        if isinstance(event, Touched) and event.step == NOTES and event.what.endswith(f": {SEEN}"):
            method, _, path = event.what.removesuffix(f": {SEEN}").partition(" ")
            yield event.t, (method, path)


def gaps(times: Sequence[float]) -> tuple[float, ...]:
    """Seconds from each to the next, the first ten of them."""
    return tuple(round(b - a, 2) for a, b in itertools.pairwise(times))[:10]


def _with_flags(facts: Facts, case: Case, events: Sequence[Event]) -> Facts:
    values: dict[str, object] = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
    return Facts(**{**values, "flags": tuple(_flags(facts, case, events))})  # type: ignore[arg-type]  # its own fields


def _flags(facts: Facts, case: Case, events: Sequence[Event]) -> Iterator[str]:
    if facts.outcome.endswith(NO_END):
        yield "does not end"
    if facts.outcome.endswith(DIED):
        yield "takes its whole process down"
    if case.is_lie and facts.outcome.startswith("returned") and facts.met:
        yield "takes what is no answer for a result"
    if facts.executed > 1 and case.does in CHANGING:
        yield f"has the HMC carry out one {TARGETS[case.does][0]} {facts.executed} times"
    if facts.logons > MANY_LOGONS:
        yield f"logs on {facts.logons} times"
    if case.name == "redirect-loop" and facts.requests > 1 + case.settings["max_redirects"]:
        yield f"follows {facts.requests - 1} redirects, although it was told {case.settings['max_redirects']:g}"
    for secret, where in dict.fromkeys((e.secret, e.where) for e in events if isinstance(e, Strayed) and e.secret):
        yield f"sends its {secret} to {where}"
    if case.name == "canceled_job" and facts.outcome.startswith("OperationTimeout"):
        yield "polls a canceled job until the operation timeout"
    if case.fault is None and facts.outcome == "ValueError":
        yield "refuses this setting only when it connects"
    yield from unsound(events)


def unsound(events: Iterable[Event]) -> Iterator[str]:
    """Why nothing is known, where a part of the harness failed."""
    for event in events:
        if isinstance(event, ComponentCrashed):
            yield f"UNKNOWN: {event.component}: {event.error}"
        elif isinstance(event, StepFailed):
            yield f"UNKNOWN: {event.error}"


def as_mapping(facts: Facts) -> Mapping[str, object]:
    """For JSON."""
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}

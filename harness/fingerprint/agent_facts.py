"""What was seen of an agent in one case: its trial's history and verdict become facts. Pure."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from harness.core.commands import Channel
from harness.core.events import (
    AGENT,
    ConnectionAttempt,
    Event,
    Heartbeat,
    LogLine,
    RequestArrived,
    StepBegan,
    Strayed,
    Touched,
)
from harness.core.history import History
from harness.core.patterns import LOGON
from harness.core.values import seconds_text
from harness.core.verdict import Outcome, Verdict
from harness.fingerprint.agent_cases import AgentCase, Phase
from harness.fingerprint.facts import MANY_LOGONS, Facts, gaps, noted
from harness.fingerprint.moments import FAULT, NOTES, is_of_names

RUNS = "keeps running"
LONGEST_WORDS = 300
NOT_THE_AGENTS = frozenset({"harness", "healing", "probe", "steady", "timeline", "warp"})
"""Findings that say why a trial proves nothing. That a fault met nothing is told by `Facts.met`."""
SILENCE_S = 2.0
"""A shorter gap between heartbeats is nothing to tell."""
SLOW_RETURN_S = 1.0
"""Who is back sooner is told of no further."""
TRACEBACK = "Traceback (most recent call last)"


def agent_facts(case: AgentCase, history: History, verdict: Verdict) -> Facts:
    """What the agent did while the fault was in force."""
    began, healed = _window(history)
    under = [event for event in history if began <= event.t <= healed]
    seen = list(noted(under))
    requests = [t for t, request in seen if not LOGON.matches(*request)]
    connections = [e.t for e in under if isinstance(e, ConnectionAttempt) and e.channel == Channel.API]
    gone = history.exited()
    return Facts(
        case=case.id,
        outcome=RUNS if gone is None else _end(gone.status),
        words=_last_words(history),
        seconds=round((gone.t if gone else min(healed, history.watched_until)) - began, 2),
        connections=len(connections),
        requests=len(requests),
        executed=sum(not LOGON.matches(e.method, e.path) for e in _arrived(under)),
        logons=len(seen) - len(requests),
        others=sum(method not in ("GET", "HEAD") for _, (method, path) in seen if not _is_session(path)),
        spacing_s=gaps(connections if len(connections) > 1 else requests),
        met=_met(case, history),
        flags=tuple(dict.fromkeys(_flags(case, history, verdict, under))),
        notes=tuple(_notes(case, history, verdict)),
    )


def _window(history: History) -> tuple[float, float]:
    """From the first fault to the last healing, or the whole life of the agent; at its start, from its start."""
    started = history.started()
    lives = started.t if started else 0.0
    ends = history.last_healing()
    return max(lives, history.first_onset() or 0.0), math.inf if ends is None else ends


def _met(case: AgentCase, history: History) -> bool:
    """Of a fault of names the fault alone counts, and not the cut that makes the agent look up the name again."""
    touched = {event.step for event in history.seen(Touched)} - {NOTES}
    return case.fault is None or FAULT in touched or (bool(touched) and not is_of_names(case.fault))


def _end(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {-status}"


def _last_words(history: History) -> str:
    lines = [line.text.strip() for line in history.agent_log() if line.text.strip()]
    return lines[-1][:LONGEST_WORDS] if lines else ""


def _arrived(events: Iterable[Event]) -> list[RequestArrived]:
    """The agent's own requests that the HMC got."""
    return [event for event in events if isinstance(event, RequestArrived) and event.who == AGENT]


def _is_session(path: str) -> bool:
    return path.startswith("/api/sessions")


def _flags(case: AgentCase, history: History, verdict: Verdict, under: Sequence[Event]) -> Iterator[str]:
    gone = history.exited()
    if case.phase is Phase.RUNNING and history.first(StepBegan) and gone is not None and _is_service(verdict):
        yield f"is gone: {_end(gone.status)}"
    if case.is_lie and gone is not None and gone.status == 0 and _met(case, history):
        yield "ends with success, although it got no answer"
    for (method, path), number in _again((e.method, e.path) for e in _arrived(history.seen(RequestArrived))):
        yield f"has the HMC carry out {method} {path} {number} times"
    logons = sum(LOGON.matches(*request) for _, request in noted(under))
    if logons > MANY_LOGONS:
        yield f"logs on {logons} times"
    yield from _leaks(history)
    if gone is not None and any(TRACEBACK in line.text for line in history.agent_log()):
        yield "ends with a traceback"
    yield from (f"UNKNOWN: {f.words}" for f in verdict.findings if f.check in NOT_THE_AGENTS)


def _again(requests: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], int]]:
    """Those that change something, and came more than once."""
    changing = (r for r in requests if r[0] in ("POST", "PUT", "DELETE") and not _is_session(r[1]))
    return ((request, number) for request, number in Counter(changing).items() if number > 1)


def _is_service(verdict: Verdict) -> bool:
    """Only a service is expected to come back."""
    return any(finding.check == "recovers" for finding in verdict.findings)


def _leaks(history: History) -> Iterator[str]:
    for stray in history.seen(Strayed):
        if stray.secret:
            yield f"sends its {stray.secret} to {stray.where}"
    for line in history.seen(LogLine):
        if line.who == AGENT and "<secret:" in line.text:
            yield f"prints its {line.text.partition('<secret:')[2].partition('>')[0]}"


def _notes(case: AgentCase, history: History, verdict: Verdict) -> Iterator[str]:
    if case.fault is None or not _met(case, history):
        return
    for (method, path), number in _again(request for _, request in noted(history)):
        yield f"sends {method} {path} {number} times"
    healed = history.last_healing()
    for finding in verdict.findings:
        if finding.check != "recovers" or history.exited() is not None or healed is None or finding.t is None:
            continue
        if finding.outcome is Outcome.FAIL or finding.t - healed >= SLOW_RETURN_S:
            yield finding.words
    beats = [e.t for e in history.seen(Heartbeat)]
    silence = max((b - a for a, b in itertools.pairwise([*beats, history.lived_until()])), default=0.0)
    if silence >= SILENCE_S:
        yield f"no heartbeat for {seconds_text(silence)}"
    tracebacks = sum(TRACEBACK in line.text for line in history.agent_log())
    if tracebacks and history.exited() is None:
        yield f"prints {tracebacks} tracebacks" if tracebacks > 1 else "prints a traceback"

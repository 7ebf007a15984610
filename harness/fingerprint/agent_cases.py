"""Which fault an agent is put through, at its start or once it runs; and the scenario that this is, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.core.commands import NoteRequests
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.core.profile import HeartbeatSource, Kind, Profile
from harness.core.scenario import AtStart, Place, Scenario, Step, ToTheEnd
from harness.core.vocabulary import Action, Composition, Vocabulary
from harness.faults.kill_agent import KillAgent
from harness.faults.pause_agent import PauseAgent
from harness.faults.reset import Reset
from harness.fingerprint import catalogue
from harness.fingerprint.moments import NOTES, is_composed, is_of_names
from harness.fingerprint.words import words_of
from harness.scenario_file import from_document

STARTS_A_JOB = RequestPattern("POST", "/api/partitions/*/operations/*")
RECOVERS_S = 5.0
"""So long after the healing a service is watched for its return."""
LEAST_WATCH_S, MOST_WATCH_S = 5.0, 20.0
PHASE_S = 3.0
"""So long is each phase of what happens to a whole console."""
COMPOSITION_S = 4 * PHASE_S
"""Longer than any of them takes."""
MITMPROXY = "mitmproxy"


class Phase(StrEnum):
    """When the fault is there."""

    START = "start"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class AgentCase:
    """One thing that an agent is put through."""

    name: str
    phase: Phase
    fault: Action | Composition | None
    """None: the HMC is well."""
    is_lie: bool = False
    """What is answered is no answer."""

    @property
    def id(self) -> str:
        """As a person names it."""
        return f"{self.name}/{self.phase.value}"


def agent_cases(kind: Kind) -> tuple[AgentCase, ...]:
    """The catalogue for a sort of program, in the order in which it is told."""
    is_service = kind is Kind.SERVICE
    start, running = [*_of_requests()], [*_of_requests(), *catalogue.of_open_connections()]
    start += catalogue.of_new_connections()
    start += catalogue.of_names()
    running += catalogue.of_names()
    # A command does its one thing early and is gone; a service starts a job, if ever, while it runs.
    (running if is_service else start).extend(catalogue.of_jobs(STARTS_A_JOB))
    cases = [AgentCase("well", phase, None) for phase in Phase if is_service or phase is Phase.START]
    for phase, sicknesses in ((Phase.START, start), (Phase.RUNNING, running)):
        cases += [AgentCase(item.name, phase, item.action, item.is_lie) for item in sicknesses]
    return (*cases, *(_of_services() if is_service else ()))


def _of_requests() -> Iterator[catalogue.Sickness]:
    yield from catalogue.of_connections()
    yield from catalogue.of_many_connections()
    yield from catalogue.of_answers(ANY_REQUEST)
    yield from catalogue.of_bodies(ANY_REQUEST)


def _of_services() -> Iterator[AgentCase]:
    """What takes its time: at its start, an agent is often gone before the second phase, and a command always is."""
    yield AgentCase("pause_agent", Phase.RUNNING, PauseAgent())
    yield AgentCase("kill_agent", Phase.RUNNING, KillAgent())
    yield from (AgentCase(name, Phase.RUNNING, life) for name, life in catalogue.of_lives(PHASE_S))


def watch_for(claims: Mapping[str, float]) -> float:
    """How long a fault lasts: what the agent's own timeouts allow for one call and a little, as far as one can wait."""
    connecting = claims.get("connect_timeout", 0.0) * (1 + claims.get("connect_retries", 0.0))
    reading = claims.get("read_timeout", 0.0) * (1 + claims.get("read_retries", 0.0))
    return min(MOST_WATCH_S, max(LEAST_WATCH_S, 1.2 * max(connecting, reading) + 3))


def scenario_of(case: AgentCase, profile: Profile, vocabulary: Vocabulary, *, hmc: str, watch_s: float) -> Scenario:
    """The trial of a case: its steps, and before them one that notes each request and does nothing."""
    document = {
        "id": f"fingerprint/{profile.name}/{case.id}",
        "file": "harness/fingerprint/agent_cases.py",
        "place": [1, 1],
        "steps": [[1, 1]] * len(_timeline(case, profile, watch_s)),
        "scenario": _scenario(case, profile, hmc, watch_s),
    }
    scenario = from_document(json.dumps(document), vocabulary)
    notes = Step(
        number=NOTES,
        name="notes",
        what="notes",
        command=NoteRequests(match=ANY_REQUEST),
        engine=MITMPROXY,
        needs_witness=False,
        trigger=AtStart(),
        lasting=ToTheEnd(),
        place=Place("", 1, 1),
    )
    # First, so that it notes a request before a fault answers it.
    return replace(scenario, timeline=(notes, *scenario.timeline), needs=scenario.needs | {MITMPROXY})


def _scenario(case: AgentCase, profile: Profile, hmc: str, watch_s: float) -> dict[str, object]:
    is_running = case.phase is Phase.RUNNING
    back: Mapping[str, object] = {"recovers": {"within": _seconds(RECOVERS_S)}}
    gone: Mapping[str, object] = {"exits": {"within": _seconds(watch_s)}}
    stays: Mapping[str, object] = {"keeps_running": {"after": _seconds(watch_s)}}
    is_service = profile.kind is Kind.SERVICE
    expected = gone
    if is_service and (is_running or case.fault is None):
        expected = back if case.fault else stays
    return {
        "title": f"{case.name}, {case.phase.value}",
        "why": "To see what it does.",
        "requirements": ["RUN-1" if is_running else "START-1"],
        "agent": profile.name,
        "hmc": {hmc: {"reached_by": "name"}} if is_of_names(case.fault) else hmc,
        "steady": _steady(profile) if is_running and is_service else [],
        "give_up_after": _seconds(max(watch_s, COMPOSITION_S) + RECOVERS_S + 10),
        "timeline": _timeline(case, profile, watch_s),
        "expect": [expected, "keeps_secrets"],
    }


def _steady(profile: Profile) -> list[object]:
    if profile.notifications:
        return [{"subscribed": {"count": "1"}}]
    if profile.heartbeat is HeartbeatSource.NONE:
        return [{"requests": {"count": "2"}}]
    return [{"heartbeat": {"count": "2"}}, {"requests": {"count": "1"}}]


def _timeline(case: AgentCase, profile: Profile, watch_s: float) -> list[object]:
    """The fault; who is connected already has to lose that connection to look up a name again."""
    if case.fault is None:
        return []
    when = _when(case, profile)
    # A composition's phases have their own times.
    lasts = not is_composed(case.fault) and case.phase is Phase.RUNNING
    entry = {**when, "fault": words_of(case.fault), **({"for": _seconds(watch_s)} if lasts else {})}
    cut = {**when, "fault": words_of(Reset()), "for": "once"}
    return [entry, cut] if is_of_names(case.fault) and case.phase is Phase.RUNNING else [entry]


def _when(case: AgentCase, profile: Profile) -> Mapping[str, object]:
    if case.phase is Phase.START:
        return {"at": "start"}
    if profile.kind is Kind.SERVICE:
        return {"at": "0s"}
    # A command is gone in a moment; what it asks first, it asks once logged on.
    return {"on": {"request": "GET **", "nth": "1"}}


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}s"

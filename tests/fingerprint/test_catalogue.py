"""The catalogue holds every fault, and what an agent is put through is a scenario that could stand in a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from harness.assembly.project import MITMPROXY, PROCESS, RELAY, Project
from harness.core.commands import NoteRequests
from harness.core.profile import Kind
from harness.core.scenario import ForSeconds, OnRequest
from harness.faults import FAULTS
from harness.faults.failover import Failover
from harness.faults.http_error import HttpError
from harness.fingerprint.agent_cases import AgentCase, Phase, agent_cases, scenario_of, watch_for
from harness.fingerprint.cases import CASES
from harness.fingerprint.moments import NOTES
from harness.scenario_file import from_document
from tests.faults.test_faults import YIELDS

PROJECT = Project(Path(__file__).parents[2])
SERVICE, COMMAND = PROJECT.profiles["dpm-agent"], PROJECT.profiles["zhmc-cpc-list"]

NOT_FOR_A_CLIENT = {"refuse_after": "a single call connects once, and the least that it lets in is one"}


EVERY = [case for kind in Kind for case in agent_cases(kind)]
WORDS: dict[type, str] = {cls: word for word, cls in FAULTS.items()}


def carried_by(*engines: str) -> set[str]:
    """The faults that are one command, which the first engine that can carries out."""
    found = set()
    for action, command in YIELDS:
        carrying = next(name for name, kinds in PROJECT.vocabulary.engines.items() if type(command) in kinds)
        if type(action) in WORDS and carrying in engines:
            found.add(WORDS[type(action)])
    return found


COMPOSED = {word for word, cls in FAULTS.items() if hasattr(cls, "parts")}


def words_in(faults: Iterable[object]) -> set[str]:
    return {WORDS[type(fault)] for fault in faults if fault is not None}


def test_a_client_is_put_through_every_fault_of_connections_and_of_http() -> None:
    wanted = carried_by(RELAY, MITMPROXY) - NOT_FOR_A_CLIENT.keys()
    assert words_in(case.fault for case in CASES) == wanted


def test_a_service_is_put_through_every_fault_once_it_runs() -> None:
    running = words_in(case.fault for case in agent_cases(Kind.SERVICE) if case.phase is Phase.RUNNING)
    # Who is past its handshake does not meet a fault that is for new connections alone.
    assert (carried_by(RELAY, MITMPROXY, PROCESS) | COMPOSED) - running == {
        "accept_and_close",
        "handshake_stall",
        "handshake_cut",
    }


@pytest.mark.parametrize("kind", Kind)
def test_an_agent_is_put_through_every_fault_at_its_start_that_can_be_there(kind: Kind) -> None:
    start = words_in(case.fault for case in agent_cases(kind) if case.phase is Phase.START)
    missing = carried_by(RELAY, MITMPROXY) - start
    jobs = {word for word in missing if "job" in word}
    assert missing - jobs == {"stale_connections"}
    assert bool(jobs) is (kind is Kind.SERVICE)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.id)
def test_a_fault_in_words_is_the_same_fault(case: AgentCase) -> None:
    profile = SERVICE if case in agent_cases(Kind.SERVICE) else COMMAND
    scenario = scenario_of(case, profile, PROJECT.vocabulary, hmc="two-nics", watch_s=7.5)
    notes, *steps = scenario.timeline
    assert (notes.number, type(notes.command), notes.needs_witness) == (NOTES, NoteRequests, False)
    if case.fault is not None and hasattr(case.fault, "command"):
        assert [step.command for step in steps] == [case.fault.command()]
    again = from_document(scenario.document, PROJECT.vocabulary)
    assert again.timeline == scenario.timeline[1:], "a stored trial can be judged again"


def test_a_setting_of_each_unit_is_written_so_that_it_is_read_back() -> None:
    fault = HttpError(status=503, reason=7, message="wait: {now}", retry_after=0.25)
    for made in (fault, Failover(silent=0.5, alternate=70.0)):
        case = AgentCase("x", Phase.RUNNING, made)
        steps = scenario_of(case, SERVICE, PROJECT.vocabulary, hmc="two-nics", watch_s=7.5).timeline[1:]
        if isinstance(made, HttpError):
            assert steps[0].command == made.command()
            assert steps[0].lasting == ForSeconds(7.5)
        else:
            assert [step.command for step in steps] == [part.action.command() for part in made.parts()]
            assert steps[0].lasting == ForSeconds(0.5)


def test_a_command_meets_its_fault_at_its_first_request_once_logged_on() -> None:
    case = next(c for c in agent_cases(COMMAND.kind) if c.id == "hang/running")
    scenario = scenario_of(case, COMMAND, PROJECT.vocabulary, hmc="two-nics", watch_s=7.5)
    assert isinstance(scenario.timeline[1].trigger, OnRequest)
    assert scenario.steady == ()


def test_a_fault_lasts_as_long_as_the_agent_needs_to_notice_and_no_longer_than_one_can_wait() -> None:
    assert watch_for({}) == 5.0
    assert watch_for({"connect_timeout": 1, "connect_retries": 3, "read_timeout": 2}) == pytest.approx(7.8)
    assert watch_for({"read_timeout": 3600, "read_retries": 3}) == 20.0

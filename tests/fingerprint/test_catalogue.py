"""The catalogue holds every fault, and what an agent is put through is a scenario that could stand in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.core.commands import NoteRequests
from harness.core.profile import Kind
from harness.core.scenario import ForSeconds, OnRequest, ReachedBy
from harness.faults import FAULTS
from harness.faults.failover import Failover
from harness.faults.http_error import HttpError
from harness.faults.reset import Reset
from harness.fingerprint.agent_cases import AgentCase, Phase, agent_cases, scenario_of, watch_for
from harness.fingerprint.cases import CASES
from harness.fingerprint.moments import FAULT, NOTES, is_of_names
from harness.scenario_file import from_document

PROJECT = Project(Path(__file__).parents[2])
SERVICE, COMMAND = PROJECT.profiles["dpm-agent"], PROJECT.profiles["zhmc-cpc-list"]

NO_CHANNEL = "what it does depends on what is told there, which is a story"
NOT_THE_HMC = "it is another server that is sick"
COMMON = {
    "notifications_refused": NO_CHANNEL,
    "silent_notifications": NO_CHANNEL,
    "duplicated_notifications": NO_CHANNEL,
    "reordered_notifications": NO_CHANNEL,
    "stalled_heartbeats": NO_CHANNEL,
    "bus_stopped": NOT_THE_HMC,
    "server_stopped": NOT_THE_HMC,
}
NOT_FOR_A_CLIENT = {
    **COMMON,
    "refuse_after": "a single call connects once, and the least that it lets in is one",
    "pause_agent": "a library has no process of its own",
    "kill_agent": "a library has no process of its own",
}
NOT_FOR_A_COMMAND = {
    **COMMON,
    "pause_agent": "it is gone in a moment",
    "kill_agent": "it is gone in a moment",
    **dict.fromkeys(
        ("restart", "failover", "reboot", "password_expired", "user_locked", "maintenance"),
        "it is gone before the second phase, and the first one is a case of its own",
    ),
}
LEFT_OUT: Mapping[Kind, Mapping[str, str]] = {Kind.SERVICE: COMMON, Kind.ONE_SHOT: NOT_FOR_A_COMMAND}
"""Which faults are no part of a fingerprint, and why; all others are."""

EVERY = [case for kind in Kind for case in agent_cases(kind)]
WORDS: dict[type, str] = {cls: word for word, cls in FAULTS.items()}


def words_in(faults: Iterable[object]) -> set[str]:
    return {WORDS[type(fault)] for fault in faults if fault is not None}


def test_a_client_is_put_through_every_fault_that_is_not_left_out_for_a_reason() -> None:
    assert words_in(case.fault for case in CASES) == FAULTS.keys() - NOT_FOR_A_CLIENT.keys()


@pytest.mark.parametrize("kind", Kind)
def test_an_agent_is_put_through_every_fault_that_is_not_left_out_for_a_reason(kind: Kind) -> None:
    assert words_in(case.fault for case in agent_cases(kind)) == FAULTS.keys() - LEFT_OUT[kind].keys()


def test_what_is_left_out_is_told() -> None:
    page = (PROJECT.root / "docs/fingerprint.md").read_text(encoding="utf-8")
    told = page.partition("## What is left out")[2].partition("\n## ")[0]
    for word in NOT_FOR_A_CLIENT.keys() | NOT_FOR_A_COMMAND.keys():
        assert f"`{word}`" in told, word


def test_a_service_is_put_through_every_fault_once_it_runs() -> None:
    running = words_in(case.fault for case in agent_cases(Kind.SERVICE) if case.phase is Phase.RUNNING)
    # Who is past its handshake does not meet a fault that is for new connections alone.
    assert FAULTS.keys() - COMMON.keys() - running == {"accept_and_close", "handshake_stall", "handshake_cut"}


@pytest.mark.parametrize("kind", Kind)
def test_an_agent_is_put_through_every_fault_at_its_start_that_can_be_there(kind: Kind) -> None:
    start = words_in(case.fault for case in agent_cases(kind) if case.phase is Phase.START)
    missing = FAULTS.keys() - NOT_FOR_A_COMMAND.keys() - start
    jobs = {word for word in missing if "job" in word}
    assert missing - jobs == {"stale_connections"}
    assert bool(jobs) is (kind is Kind.SERVICE)


@pytest.mark.parametrize("case", [case for case in EVERY if is_of_names(case.fault)], ids=lambda case: case.id)
def test_who_is_connected_already_has_to_look_up_a_name_again(case: AgentCase) -> None:
    profile = SERVICE if case in agent_cases(Kind.SERVICE) else COMMAND
    scenario = scenario_of(case, profile, PROJECT.vocabulary, hmc="two-nics", watch_s=7.5)
    assert scenario.reached_by is ReachedBy.NAME
    _, fault, *cut = scenario.timeline
    assert fault.number == FAULT
    assert [step.command for step in cut] == [Reset().command()] * (case.phase is Phase.RUNNING)
    assert all(step.trigger == fault.trigger for step in cut)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.id)
def test_a_fault_in_words_is_the_same_fault(case: AgentCase) -> None:
    profile = SERVICE if case in agent_cases(Kind.SERVICE) else COMMAND
    scenario = scenario_of(case, profile, PROJECT.vocabulary, hmc="two-nics", watch_s=7.5)
    notes, *steps = scenario.timeline
    assert (notes.number, type(notes.command), notes.needs_witness) == (NOTES, NoteRequests, False)
    if case.fault is not None and hasattr(case.fault, "command"):
        assert steps[0].command == case.fault.command()
        assert len(steps) == 1 or is_of_names(case.fault)
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

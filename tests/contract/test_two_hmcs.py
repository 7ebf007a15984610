"""Trials with two HMCs, played whole: who is told two has two, each with its own fault, witness and events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.worker import Worker
from harness.core.events import ConnectionAttempt, RequestAnswered, RequestArrived, StepBegan, TrialBegan
from harness.core.verdict import Outcome
from harness.report.store import RunStore
from harness.scenario_file import from_document

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
TWO_HOSTS = "zhmcclient-two-hosts"


def played(
    folder: Path,
    *timeline: dict[str, object],
    agent: str = TWO_HOSTS,
    hmc: object = "two-nics",
    expect: Sequence[object] = (),
) -> Result:
    """The project's own agent lists the CPCs once."""
    scenario = {
        "title": "Two HMCs",
        "why": "A test.",
        "requirements": ["RUN-4"],
        "agent": agent,
        "hmc": hmc,
        "give_up_after": "20s",
        "timeline": list(timeline),
        "expect": [{"exits": {"status": "success", "within": "15s"}}, *expect],
    }
    steps = [[1, 1] for _ in timeline]
    document = json.dumps({"id": "two", "file": "x", "place": [1, 1], "steps": steps, "scenario": scenario})

    async def play() -> Result:
        project = Project(ROOT)
        store = RunStore(folder, keep=1)
        async with Worker(project) as worker:
            scenario = from_document(document, project.vocabulary)
            return await run_trial(worker, scenario, seed=1, folder=store.open("two", "1"))

    return asyncio.run(play())


def addresses(result: Result, kind: type[ConnectionAttempt | RequestArrived]) -> set[str]:
    return {event.address for event in result.history.all(kind)}


def header(result: Result) -> TrialBegan:
    (began,) = result.history.all(TrialBegan)
    return began


def test_each_hmc_has_a_loopback_address_and_the_hmcs_port(tmp_path: Path) -> None:
    began = header(played(tmp_path))
    hosts = [address.removesuffix(":6794") for address in (began.address, began.alternate)]
    assert len(set(hosts)) == 2
    assert all(host.startswith("127.") for host in hosts)


def test_who_is_told_one_has_one(tmp_path: Path) -> None:
    result = played(tmp_path, agent="bare-zhmcclient")
    assert result.verdict.outcome is Outcome.PASS
    assert header(result).alternate == ""
    assert addresses(result, ConnectionAttempt) == addresses(result, RequestArrived) == {"first"}


@pytest.mark.parametrize("word", ["hang", "latency"])
def test_a_fault_of_the_alternate_that_nobody_meets_there_is_unknown(tmp_path: Path, word: str) -> None:
    """Although the same agent uses the first one meanwhile."""
    fault: object = {"latency": {"delay": "100ms"}} if word == "latency" else word
    result = played(tmp_path, {"at": "start", "fault": fault, "address": "alternate"})
    assert addresses(result, RequestArrived) == {"first"}
    assert result.verdict.outcome is Outcome.UNKNOWN
    (finding,) = [finding for finding in result.verdict.findings if finding.outcome is not Outcome.PASS]
    assert (finding.check, finding.outcome) == ("witness", Outcome.UNKNOWN)
    assert f"({word} at the alternate address) touched nothing" in finding.words


def test_the_alternate_is_told_by_its_address_where_the_first_has_a_name(tmp_path: Path) -> None:
    """So a name that does not resolve is an HMC that is lost, and not both."""
    by_name = {"two-nics": {"reached_by": "name"}}
    result = played(tmp_path, {"at": "start", "fault": "unresolved_name"}, hmc=by_name)
    assert result.verdict.outcome is Outcome.PASS, result.verdict.findings
    assert header(result).address == "hmc.test:6794"
    assert header(result).alternate.startswith("127.")
    assert addresses(result, RequestArrived) == {"alternate"}


def test_a_request_to_the_alternate_triggers_a_step_before_it_is_carried_out(tmp_path: Path) -> None:
    """Law 1 of the runner holds at both, and its answer is the first that meets the fault."""
    result = played(
        tmp_path,
        {"at": "start", "fault": "refuse_connections"},
        {"on": {"request": "POST /api/sessions"}, "fault": {"latency": {"delay": "300ms"}}, "address": "alternate"},
        expect=[{"attempts": {"what": "requests", "during": "trial", "address": "alternate", "at_least": "2"}}],
    )
    assert result.verdict.outcome is Outcome.PASS, result.verdict.findings
    assert addresses(result, ConnectionAttempt) == {"first", "alternate"}
    assert addresses(result, RequestArrived) == {"alternate"}
    began = result.history.all(StepBegan)
    assert [event.what for event in began] == ["refuse_connections", "latency at the alternate address"]
    (logon,) = [event for event in result.history.all(RequestArrived) if event.method == "POST"]
    (answer,) = [event for event in result.history.all(RequestAnswered) if event.request == logon.request]
    assert logon.t <= began[1].t <= answer.t

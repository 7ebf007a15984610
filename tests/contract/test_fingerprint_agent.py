"""`harness fingerprint AGENT`: real agents through real trials, and what is told of them is what they did."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psutil
import pytest

from harness.assembly.project import Project
from harness.cli import main
from harness.core.profile import Kind
from harness.fingerprint.agent_cases import agent_cases, watch_for
from harness.fingerprint.agent_play import How, fingerprint_agent
from harness.fingerprint.facts import Facts
from harness.report.store import RunStore
from tests.contract.test_broken_agents import broken_profiles

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]


def play(agent: str, *ids: str, runs: Path, project: Project | None = None) -> dict[str, Facts]:
    """What an agent did in these cases."""
    project = project or Project(ROOT)
    profile = project.profiles[agent]
    cases = [case for case in agent_cases(profile.kind) if case.id in ids]
    assert len(cases) == len(ids)
    how = How(agent, "two-nics", watch_for(profile.claims(profile.settings_with({}))))
    found = asyncio.run(fingerprint_agent(project, how, cases, RunStore(runs, keep=1), done=lambda _: None))
    assert psutil.Process().children() == []
    return {facts.case: facts for facts in found}


def test_a_service_at_its_start_and_once_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored, page, runs = tmp_path / "agent.json", tmp_path / "agent.html", tmp_path / "runs"
    where = ["--json", str(stored), "--html", str(page), "--runs-dir", str(runs)]
    assert main(["--root", str(ROOT), "fingerprint", "dpm-agent", "--only", "refuse_connections", *where]) == 0
    assert "What dpm-agent does when the HMC is sick" in capsys.readouterr().out
    start, running = json.loads(stored.read_text(encoding="utf-8"))["cases"]
    assert (start["case"], start["outcome"], start["met"]) == ("refuse_connections/start", "exit status 1", True)
    assert start["connections"] in (4, 0), "1 + connect_retries; none can be counted without CAP_NET_RAW"
    assert "refused" in start["words"]
    assert (running["outcome"], running["met"], running["flags"]) == ("keeps running", True, [])
    assert not [note for note in running["notes"] if "no successful request" in note], "it came back"
    assert "refuse_connections/running" in page.read_text(encoding="utf-8")
    trial = runs / "fingerprint/dpm-agent/refuse_connections/running"
    assert main(["--root", str(ROOT), "judge", str(trial)]) in (0, 3), "what is kept is a trial as any other"
    assert "recovers" in capsys.readouterr().out


def test_a_command_that_nobody_here_wrote(tmp_path: Path) -> None:
    ids = ("well/start", "reset-before/start", "page-with-200/running", "redirect-away/start")
    found = play("zhmc-cpc-list", *ids, runs=tmp_path)
    well, reset = found["well/start"], found["reset-before/start"]
    assert (well.outcome, well.executed, well.flags) == ("exit status 0", well.requests, ())
    assert well.executed > 0
    assert (reset.outcome, reset.met, reset.executed) == ("exit status 1", True, 0)
    assert found["page-with-200/running"].met
    assert "sends its password to another host" in found["redirect-away/start"].flags


def test_an_agent_looks_up_the_hmcs_name(tmp_path: Path) -> None:
    """At its start, and again once it has lost its connection."""
    found = play("dpm-agent", "unresolved_name/start", "dead_address/running", runs=tmp_path)
    start, running = found["unresolved_name/start"], found["dead_address/running"]
    assert (start.outcome, start.met, start.requests) == ("exit status 1", True, 0)
    assert (running.outcome, running.met, running.flags) == ("keeps running", True, ())
    assert running.requests > 0, "the second address is good"


def test_a_cut_alone_is_no_look_up(tmp_path: Path) -> None:
    """It is done after its one request, so that it has no reason to look up the name again."""
    facts = play("bare-zhmcclient", "unresolved_name/running", runs=tmp_path)["unresolved_name/running"]
    assert not facts.met
    assert facts.outcome == "exit status 0"


def test_what_met_nothing_is_told(tmp_path: Path) -> None:
    """It connects once, so it does not notice that nobody else is let in."""
    found = play("dpm-agent", "refuse_after/start", runs=tmp_path)["refuse_after/start"]
    assert not found.met
    assert found.outcome == "keeps running"


def test_what_a_warped_agent_did_not_do_is_seen_again_in_real_time_before_it_is_told(tmp_path: Path) -> None:
    (case,) = (case for case in agent_cases(Kind.SERVICE) if case.id == "refuse_after/start")
    how, store = How("dpm-agent", "two-nics", watch_s=2.0, warp=4.0), RunStore(tmp_path, keep=5)
    (facts,) = asyncio.run(fingerprint_agent(Project(ROOT), how, [case], store, done=lambda _: None))
    assert facts.outcome == "keeps running"
    lines = (file.read_text(encoding="utf-8") for file in sorted(tmp_path.glob("**/2*/history.jsonl")))
    told = [next(e for e in map(json.loads, text.splitlines()) if e["event"] == "WarpUsed") for text in lines]
    assert [e["factor"] for e in told] == [4.0, 2.0, 1.0]
    assert [part.split()[:2] for part in told[-1]["earlier"].split("; x")] == [["x4", "FAIL"], ["2", "FAIL"]]


def test_an_agent_that_leaks_is_told(tmp_path: Path) -> None:
    project = Project(ROOT, (broken_profiles(tmp_path, flaw="follows_anywhere"),))
    found = play("broken-agent", "redirect-away/running", runs=tmp_path, project=project)
    assert "sends its session id to another host" in found["redirect-away/running"].flags

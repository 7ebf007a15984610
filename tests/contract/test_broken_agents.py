"""Each broken agent is caught, by the check that should catch it and by no other; the good agent passes all.

The scenarios are the shipped ones: what is shown is that they tell a good agent from a broken one.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.worker import Worker
from harness.checks import CHECKS
from harness.core.verdict import Outcome
from harness.report.store import RunStore
from harness.report.text import render
from tests.agents.broken import FLAWS

ROOT = Path(__file__).parents[2]
AGENT_LINE = re.compile(r"^agent: (?:dpm-agent|\{dpm-agent: \{(.*)\}\})$", re.MULTILINE)
"""The good agent in a scenario, with the settings that differ there."""


@dataclass(frozen=True)
class Case:
    """A flaw, the shipped scenario that has to show it, and the check that has to catch it."""

    flaw: str
    scenario: str
    caught_by: str
    settings: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("exits_on_loss", "running/cannot-connect[refuse_connections]", "keeps_running"),
    Case("dies_after_recovery", "running/long-after", "keeps_running"),
    Case("hangs_at_start", "startup/cannot-connect[refuse_connections]", "exits"),
    Case("exits_zero", "startup/cannot-connect[refuse_connections]", "exits"),
    Case("raw_traceback", "startup/cannot-connect[refuse_connections]", "says_why"),
    Case("logs_password", "startup/cannot-connect[refuse_connections]", "keeps_secrets"),
    # Its read timeout is longer than the gap that is allowed: with a short one the flaw would hardly show.
    Case("heartbeat_waits_for_hmc", "running/slow-reads[hang]", "heartbeat", {"read_timeout": "5s"}),
    Case("marks_down", "running/cannot-connect[refuse_connections]", "ports"),
    Case("always_active", "ports/nic-changes-during-outage[refuse_connections]", "sees_truth_again"),
    Case("busy_loop", "running/cannot-connect[refuse_connections]", "attempts"),
    Case("own_retry_loop", "startup/slow-reads[hang]", "attempts"),
    Case("log_flood", "running/cannot-connect[refuse_connections]", "log_rate"),
    Case("says_nothing", "running/cannot-connect[refuse_connections]", "logs"),
    Case("says_something_else", "running/cannot-connect[refuse_connections]", "logs"),
    Case("never_reconnects", "running/long-after", "recovers"),
    Case("writes", "running/no-fault", "only_reads"),
    # Subtle ones, each of which once passed.
    Case("gives_up_after_a_while", "running/long-outage", "keeps_running"),
    Case("marks_down_after_a_while", "running/long-outage", "ports"),
    Case("no_back_off", "running/long-outage", "attempts"),
    Case("dies_of_the_second_loss", "running/two-outages", "keeps_running"),
    Case("blind_after_recovery", "ports/nic-changes-after-outage", "sees_truth_again"),
    Case("heartbeat_dies_after_recovery", "running/long-after", "heartbeat"),
    Case("flaps_on_return", "running/cannot-connect[refuse_connections]", "ports"),
    Case("starts_anew", "running/one-bad-answer[reset-after-the-request]", "ports"),
    Case("old_session", "running/cannot-connect[refuse_connections]", "recovers"),
    Case("takes_truth_back", "ports/nic-changes-during-outage[refuse_connections]", "sees_truth_again"),
    Case("names_another_cause", "startup/cannot-connect[refuse_connections]", "says_why"),
    Case("always_says_refused", "startup/cannot-connect[blackhole]", "says_why"),
    Case("logs_basic_authorization", "running/no-fault", "keeps_secrets"),
    Case("logs_session_id", "sessions/expired-while-running", "keeps_secrets"),
    Case("follows_anywhere", "startup/sick-bodies[redirect-away]", "keeps_secrets"),
    Case("waits_as_told", "running/console-life[maintenance]", "logs"),
    Case("writes_without_a_session", "running/no-fault", "only_reads"),
    Case("hammers", "running/no-fault", "attempts"),
    Case("cries_wolf", "running/no-fault", "log_rate"),
    # With the concept's own values, and clocks that run fast.
    Case("gives_up_too_early", "timeouts/agent-read-timeout", "elapsed"),
    Case("pauses_between_connects", "timeouts/agent-connect-retries", "spacing"),
]


UNPROVED = [Case("never_tries", "startup/cannot-connect[refuse_connections]", "exits")]
"""Flaws with which an agent shows nothing: its check must not say PASS."""


def test_every_flaw_has_a_case_and_every_check_a_flaw() -> None:
    """No broken agent is forgotten, and no check is without one that it catches."""
    assert {case.flaw for case in [*CASES, *UNPROVED]} == set(FLAWS)
    assert {case.caught_by for case in CASES} == set(CHECKS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.flaw)
def test_a_broken_agent_is_caught_by_its_check_alone(case: Case, tmp_path: Path) -> None:
    """FAIL, by the one check that is for it; what cannot be judged any more is UNKNOWN, never FAIL."""
    result = _play(case, tmp_path)
    failed = {f.check for f in result.verdict.findings if f.outcome is Outcome.FAIL}
    page = render(case.flaw, result.history, result.verdict)
    assert result.verdict.outcome is Outcome.FAIL, page
    assert failed == {case.caught_by}, page
    assert not [f for f in result.verdict.findings if f.check in ("harness", "healing", "probe", "steady")], page


@pytest.mark.parametrize("case", UNPROVED, ids=lambda case: case.flaw)
def test_an_agent_that_shows_nothing_is_unknown_to_its_check(case: Case, tmp_path: Path) -> None:
    """It does what the check asks for, and for another reason than the HMC."""
    result = _play(case, tmp_path)
    page = render(case.flaw, result.history, result.verdict)
    assert [f.outcome for f in result.verdict.findings if f.check == case.caught_by] == [Outcome.UNKNOWN], page
    assert result.verdict.outcome is not Outcome.PASS, page


def test_a_page_that_stays_dead_is_no_known_finding_of_the_exporter(tmp_path: Path) -> None:
    """That each scrape is held while the HMC is away is on record; that none is answered afterwards is not."""
    file, good = "running/exporter-loses-the-hmc", "agent: zhmc-prometheus-exporter\n"
    text = (ROOT / "scenarios" / f"{file}.scenario.yaml").read_text(encoding="utf-8")
    assert text.count(good) == 1
    result = _play_text(file, text.replace(good, "agent: broken-agent\n"), "", broken_exporter(tmp_path))
    failed = [f.words for f in result.verdict.findings if f.outcome is Outcome.FAIL]
    page = render("broken exporter", result.history, result.verdict)
    assert len(failed) == 1, page
    assert re.fullmatch(r"no heartbeat for .*; at most 14\.0 s are allowed", failed[0]), page


def _play(case: Case, tmp_path: Path) -> Result:
    file, _, combination = case.scenario.partition("[")
    text = (ROOT / "scenarios" / f"{file}.scenario.yaml").read_text(encoding="utf-8")
    good = AGENT_LINE.findall(text)
    assert len(good) == 1
    settings = ", ".join([*good, *(f"{name}: {value}" for name, value in {"flaw": case.flaw, **case.settings}.items())])
    text = AGENT_LINE.sub(f"agent: {{broken-agent: {{{settings.removeprefix(', ')}}}}}", text)
    return _play_text(file, text, combination, broken_profiles(tmp_path))


def _play_text(file: str, text: str, combination: str, profiles: Path) -> Result:
    """One trial of a scenario with this text, whose agent is one of these profiles."""
    tmp_path, project = profiles.parent, Project(ROOT, (profiles,))
    broken = tmp_path / "scenarios" / f"{file}.scenario.yaml"
    broken.parent.mkdir(parents=True)
    broken.write_text(_with_schema(text, "scenario"), encoding="utf-8")
    scenario = next(s for s in project.scenarios(broken) if s.id.endswith(f"[{combination}" if combination else ""))
    folder = RunStore(tmp_path / "runs", keep=1).open(scenario.id, "1")

    async def play() -> Result:
        async with Worker(project) as worker:
            return await run_trial(worker, scenario, seed=1, folder=folder)

    return asyncio.run(play())


def broken_profiles(tmp_path: Path, flaw: str = "none") -> Path:
    """The good agent's profile with the broken agent's command."""
    good = (ROOT / "agent_under_test/profiles/dpm-agent.yaml").read_text(encoding="utf-8")
    module = '"agent_under_test.dpm_agent"'
    assert good.count(module) == 1
    assert good.count("\nsettings:\n") == 1
    text = good.replace(module, '"tests.agents.broken", "--flaw", "{flaw}"')
    return _profile(tmp_path, text.replace("\nsettings:\n", f"\nsettings:\n  flaw: {flaw}\n"))


def broken_exporter(tmp_path: Path) -> Path:
    """The exporter's profile with the broken one's launcher."""
    good = (ROOT / "agent_under_test/profiles/zhmc-prometheus-exporter.yaml").read_text(encoding="utf-8")
    launcher = 'agent_under_test/prometheus_exporter/start.py"\n'
    assert good.count(launcher) == 1
    return _profile(tmp_path, good.replace(launcher, 'tests/agents/broken_exporter.py"\n'))


def _profile(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "broken-agent.yaml").write_text(_with_schema(text, "profile"), encoding="utf-8")
    return folder


def _with_schema(text: str, kind: str) -> str:
    """The text with a first line that finds the schema from wherever it is written to."""
    schema = ROOT / f"harness/scenario_file/{kind}.schema.json"
    return "\n".join([f"# yaml-language-server: $schema={schema}", *text.splitlines()[1:], ""])

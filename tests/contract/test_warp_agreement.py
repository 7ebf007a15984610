"""A trial has the same verdict, finding by finding, whether its clocks run fast or in real time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.assembly.pace import Wish
from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.worker import Worker
from harness.core.events import ProcessExited, WarpBurden, WarpUsed
from harness.core.scenario import Scenario, WarpWord
from harness.core.verdict import Finding, Outcome
from harness.report.store import RunStore
from harness.report.text import render
from tests.contract.tiny_project import MUTE, REFUSED, SCHEMA_LINE, TinyProject

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]

GIVES_UP = """title: A short connect timeout
why: A test.
requirements: [TR-1]
agent: {bare-zhmcclient: {connect_timeout: 5s, connect_retries: 0}}
hmc: two-nics
timeline:
  - at: start
    fault: blackhole
expect:
  - exits: {status: failure}
  - attempts: {what: connections, during: trial, at_least: 1, at_most: 1}
  - elapsed: {takes: 5s, slack: 2s, until: "ConnectTimeout"}
"""

TOO_LONG = (
    GIVES_UP.replace("connect_timeout: 5s", "connect_timeout: 10s")
    .replace("takes: 5s", "takes: 10s")
    .replace("status: failure", "status: failure, within: 4s")
)
"""It ends 6 s too late: a program's start, however long it takes in a warp, is no reason to give it more."""

READS = """title: A short read timeout
why: A test.
requirements: [TR-3]
agent: {bare-zhmcclient: {read_timeout: 6s}}
hmc: two-nics
timeline:
  - on: {request: "POST /api/sessions"}
    fault: hang
    for: 20s
expect:
  - exits: {status: failure}
  - elapsed: {takes: 6s, slack: 2s, since: request, until: "ReadTimeout"}
"""

JOB = """title: A job of 3 s, looked at after 0 and 10 s
why: A test.
requirements: [TR-6]
agent: {bare-zhmcclient: {deed: start-partition}}
hmc: {two-nics: {job_time: 3s}}
expect:
  - exits: {status: success, within: 30s}
  - elapsed: {takes: 10s, slack: 4s, since: request, match: "POST /api/partitions/*/operations/start", until: "done"}
"""
"""Were the job's seconds the wall's, they would be 12 of the agent's, and the third look the first to see its end."""


@dataclass(frozen=True)
class Case:
    """A scenario, shipped or written here, the factor, and the verdict that both have to have."""

    name: str
    factor: float
    outcome: Outcome = Outcome.PASS
    text: str = ""


CASES = [
    Case("running/no-fault", 4.0),
    Case("running/cannot-connect[refuse_connections]", 3.0),
    Case("startup/cannot-connect[blackhole]", 4.0),
    Case("sessions/expired-while-running", 3.0),
    Case("timeouts/connect-refused", 3.0),
    Case("timeouts/redirects[5]", 3.0),
    Case("timeouts/connect-timeout", 15.0),
    Case("connect", 4.0, text=GIVES_UP),
    Case("connect-promised-longer", 4.0, Outcome.FAIL, GIVES_UP.replace("takes: 5s", "takes: 12s")),
    Case("connect-too-long", 4.0, Outcome.FAIL, TOO_LONG),
    Case("connect-tried-once", 4.0, Outcome.FAIL, GIVES_UP.replace("at_least: 1, at_most: 1", "at_least: 2")),
    Case("read", 4.0, text=READS),
    Case("job", 4.0, text=JOB),
]


def scenario_of(project: Project, case: Case, tmp_path: Path) -> Scenario:
    stem, _, combination = case.name.partition("[")
    file = ROOT / "scenarios" / f"{stem}.scenario.yaml"
    if case.text:
        file = tmp_path / f"{stem}.scenario.yaml"
        file.write_text(SCHEMA_LINE + case.text, encoding="utf-8")
    return next(s for s in project.scenarios(file) if s.id.endswith(f"[{combination}" if combination else ""))


def play(case: Case, wish: Wish, tmp_path: Path) -> Result:
    project = Project(ROOT)
    scenario = scenario_of(project, case, tmp_path)
    folder = RunStore(tmp_path / "runs", keep=5).open(scenario.id, str(wish))

    async def trial() -> Result:
        async with Worker(project) as worker:
            return await run_trial(worker, scenario, seed=1, folder=folder, warp=wish)

    return asyncio.run(trial())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_warped_and_real_agree_finding_by_finding(case: Case, tmp_path: Path) -> None:
    real, warped = (play(case, wish, tmp_path) for wish in (WarpWord.OFF, case.factor))
    pages = "\n\n".join(render(case.name, result.history, result.verdict) for result in (real, warped))
    assert real.verdict.outcome is warped.verdict.outcome is case.outcome, pages
    findings = [[_same(finding, case) for finding in result.verdict.findings] for result in (real, warped)]
    assert findings[0] == findings[1], pages


def _same(finding: Finding, case: Case) -> tuple[str, Outcome, str]:
    """What is to be the same: not seconds, within their tolerance, nor attempts where more than one number is right."""
    is_count = finding.check == "attempts" and (case.text or case.name.startswith("timeouts/"))
    return finding.check, finding.outcome, finding.words if is_count else ""


def test_the_history_of_a_warped_trial_says_how_fast_it_was_and_what_that_cost(tmp_path: Path) -> None:
    warped = play(Case("connect", 4.0, text=GIVES_UP), 4.0, tmp_path)
    used, told = warped.history.first(WarpUsed), warped.history.last(WarpBurden)
    assert used is not None
    assert used.factor == 4.0
    assert told is not None
    assert told.cpu_s > 0
    assert told.clocks == 1, "the agent's own"
    assert 0 < told.drift_s < 0.001
    assert warped.history.first(ProcessExited) is not None
    assert "clock   x4, asked for by number" in render("x", warped.history, warped.verdict)


def test_a_fail_is_played_again_slower_down_to_real_time_before_it_stands(tmp_path: Path) -> None:
    project = TinyProject.make(tmp_path, mute=MUTE)
    ran = project.pytest("scenarios", "--warp", "8")
    assert ran.status == 1, ran.output
    clock = project.verdict("mute")["warp"]
    assert isinstance(clock, dict)
    assert clock["factor"] == 1.0
    assert [part.split()[:2] for part in clock["earlier"].split("; x")] == [
        ["x8", "FAIL"],
        ["4", "FAIL"],
        ["2", "FAIL"],
    ]
    assert clock["why"] == "again, in real time"
    assert "before: x8 FAIL (says_why:" in ran.output
    pages = [file.read_text(encoding="utf-8") for file in sorted(tmp_path.glob("runs/mute/2*/trial.txt"))]
    whys = ["x8, asked for by number", "x4, again, slower", "x2, again, slower", "x1, again, in real time"]
    assert [next(why for why in whys if f"  clock   {why}" in page) for page in pages] == whys


def test_a_pass_is_not_played_again_and_off_means_real_time(tmp_path: Path) -> None:
    project = TinyProject.make(tmp_path, refused=REFUSED.replace("hmc: two-nics", "hmc: two-nics\nwarp: 8"))
    assert project.pytest("scenarios").status == 0
    assert json.dumps(project.verdict("refused")["warp"]).startswith('{"factor": 8.0')
    assert project.pytest("scenarios", "--warp", "off").status == 0
    assert "warp" not in project.verdict("refused")


def test_a_word_that_warp_does_not_know_is_refused(tmp_path: Path) -> None:
    ran = TinyProject.make(tmp_path, refused=REFUSED).pytest("scenarios", "--warp", "fast")
    assert ran.status == 4
    assert "--warp" in ran.output

"""Scenario files as pytest items: ids, selection, what a person sees, what stays behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.cli import main
from tests.contract.tiny_project import MUTE, REFUSED, UNMET, UNTOUCHED, TinyProject

IDS = [
    "scenarios/mute.scenario.yaml::mute",
    "scenarios/refused.scenario.yaml::refused",
    "scenarios/untouched.scenario.yaml::untouched[hang]",
    "scenarios/untouched.scenario.yaml::untouched[latency]",
]


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return TinyProject.make(tmp_path, refused=REFUSED, mute=MUTE, untouched=UNTOUCHED)


def collected(project: TinyProject, *arguments: str) -> list[str]:
    ran = project.pytest("scenarios", "--collect-only", "-q", *arguments)
    assert ran.status == 0, ran.output
    return [line for line in ran.output.splitlines() if "::" in line]


def test_ids_can_be_typed(project: TinyProject) -> None:
    assert collected(project) == IDS
    assert project.pytest(IDS[1]).status == 0


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (["-k", "hang"], IDS[2:3]),
        (["-k", "starts and not mute"], IDS[1:2]),
        (["-k", "START-2"], IDS[:2]),
        (["-m", "RUN-1"], IDS[2:]),
        (["-m", "starts"], IDS[:2]),
    ],
)
def test_scenarios_are_chosen_by_tag_and_requirement(
    project: TinyProject, arguments: list[str], chosen: list[str]
) -> None:
    assert collected(project, *arguments) == chosen


NIGHTLY_ID = "scenarios/long.scenario.yaml::long"


@pytest.mark.parametrize(
    ("arguments", "is_played"),
    [
        (["scenarios"], False),
        (["scenarios", "-m", "starts"], False),
        (["scenarios", "--nightly"], True),
        (["scenarios", "-m", "nightly"], True),
        ([NIGHTLY_ID], True),
        (["scenarios/long.scenario.yaml"], True),
    ],
)
def test_what_takes_long_is_played_when_it_is_asked_for(
    project: TinyProject, arguments: list[str], is_played: bool
) -> None:
    project.write("long", REFUSED.replace("tags: [starts]", "tags: [starts, nightly]"))
    ran = project.pytest(*arguments, "--collect-only", "-q")
    assert ran.status == 0, ran.output
    assert (NIGHTLY_ID in ran.output) is is_played


def test_an_item_knows_its_line_and_title(project: TinyProject) -> None:
    show = "def pytest_collection_modifyitems(items):\n    print([i.reportinfo()[1:] for i in items])\n"
    conftest = project.root / "conftest.py"
    conftest.write_text(conftest.read_text(encoding="utf-8") + show, encoding="utf-8")
    ran = project.pytest(IDS[1], "--collect-only")
    assert "[(1, 'refused: It starts while the HMC refuses')]" in ran.output


def test_a_failure_shows_verdict_finding_picture_last_lines_and_artifacts(project: TinyProject) -> None:
    ran = project.pytest(IDS[0], "--seed", "7")
    assert ran.status == 1
    assert "FAIL: the agent did not do what is demanded - mute: It starts while the HMC refuses" in ran.output
    assert re.search(r"FAIL +says_why +its last error message does not say that the agent stops", ran.output)
    assert re.search(r"PASS +exits +ended after .* with exit status 1", ran.output)
    assert re.search(r"refuse_connectio~ \.*#*\*", ran.output)
    assert re.search(r"The agent's last lines:\n.*Connection refused; good bye", ran.output)
    assert "Again: pytest 'scenarios/mute.scenario.yaml::mute' --seed 7" in ran.output
    where = re.search(r"Artifacts: (\S+)", ran.output)
    assert where is not None
    found = {path.name for path in (project.root / where.group(1)).iterdir()}
    assert found == {"history.jsonl", "verdict.json", "agent.log", "trial.txt"}


def test_unknown_fails_in_its_own_words(project: TinyProject) -> None:
    ran = project.pytest("scenarios", "-k", "untouched", "-v")
    assert ran.status == 1
    assert "UNKNOWN: nothing was proved - untouched[hang]" in ran.output
    assert "step 1 (hang) touched nothing, so it proves nothing" in ran.output
    assert "untouched[hang] UNKNOWN" in ran.output


def test_faults_of_http_and_tls_that_met_nobody_are_unknown(project: TinyProject) -> None:
    project.write("unmet", UNMET)
    ran = project.pytest("scenarios/unmet.scenario.yaml", "-n", "2")
    assert ran.status == 1
    for what in ("old_tls", "redirect", "lost_job", "bad_certificate"):
        assert f"step 1 ({what}) touched nothing, so it proves nothing" in ran.output
    assert "1 passed" in ran.output, "a restart resets the connection that is open, and that is a witness"


def test_xdist_gives_the_same_verdicts(project: TinyProject) -> None:
    names = ["refused", "mute", "untouched[hang]", "untouched[latency]"]

    def outcomes() -> list[object]:
        return [project.verdict(name)["outcome"] for name in names]

    alone = project.pytest("scenarios")
    first = outcomes()
    together = project.pytest("scenarios", "-n", "2")
    assert first == outcomes() == ["PASS", "FAIL", "UNKNOWN", "UNKNOWN"]
    assert alone.status == together.status == 1


def test_the_same_seed_gives_a_scenario_the_same_seed_in_any_run(project: TinyProject) -> None:
    seeds = []
    for arguments in (["scenarios", "--seed", "7"], [IDS[1], "--seed", "7"], [IDS[1], "--seed", "8"]):
        project.pytest(*arguments, "-n", "2")
        seeds.append(project.verdict("refused")["seed"])
    assert seeds[0] == seeds[1] != seeds[2]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_bad_files_are_all_told_before_anything_starts(project: TinyProject, workers: str) -> None:
    project.write("wrong", REFUSED.replace("refuse_connections", "refuse_conections"))
    project.write("worse", REFUSED.replace("tags: [starts]", "tags: [starts]\ntags: [starts]"))
    ran = project.pytest("scenarios", "-n", workers)
    assert ran.status == 4
    assert re.search(r"wrong.scenario.yaml:10:12: .*refuse_connections", ran.output)
    assert re.search(r"worse.scenario.yaml:6:1: .*tags", ran.output)
    assert not (project.root / "runs").exists()


@pytest.mark.parametrize("named", ["scenarios", "scenarios/typo.scenario.yml"])
def test_a_misnamed_file_is_told_and_not_passed_over(project: TinyProject, named: str) -> None:
    right = project.write("typo", REFUSED)
    right.rename(right.with_suffix(".yml"))
    ran = project.pytest(named)
    assert ran.status == 4, ran.output
    assert "typo.scenario.yml: the name has to be letters" in ran.output


def test_an_agent_that_is_not_set_up_says_what_to_type(project: TinyProject) -> None:
    profile = project.root / "agent_under_test/profiles/tiny.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text + "needs: bin/no-such-agent\nsetup: make the-agent\n", encoding="utf-8")
    ran = project.pytest(IDS[1])
    assert ran.status == 1
    assert "UNKNOWN: the trial could not be played" in ran.output
    assert "UNKNOWN scenarios/refused.scenario.yaml::refused" in ran.output
    assert "bin/no-such-agent is not there or cannot be executed; type: make the-agent" in ran.output


def test_without_a_terminal_the_verdict_is_the_same(project: TinyProject) -> None:
    """As in an IDE that brings its own reporter; JUnit's file holds verdict and page, and no secret."""
    ran = project.pytest(IDS[0], "-p", "no:terminal", "--junitxml", "junit.xml")
    assert ran.status == 1, ran.output
    told = (project.root / "junit.xml").read_text(encoding="utf-8")
    assert '<property name="verdict" value="FAIL"' in told
    assert "does not say that the agent stops" in told


CRASH = """
import harness.assembly.trial as trial
async def claim(relay):
    raise RuntimeError("no address left")
trial.claim = claim
"""


def test_a_harness_that_cannot_put_a_trial_together_says_unknown_and_stores_it(project: TinyProject) -> None:
    conftest = project.root / "conftest.py"
    conftest.write_text(conftest.read_text(encoding="utf-8") + CRASH, encoding="utf-8")
    ran = project.pytest(IDS[1], "-v")
    assert ran.status == 1
    assert "refused UNKNOWN" in ran.output
    assert "assembly: the trial could not be put together: RuntimeError: no address left" in ran.output
    assert project.verdict("refused")["outcome"] == "UNKNOWN"
    assert [e["event"] for e in project.events("refused")] == ["ComponentCrashed", "WatchEnded"]


def test_a_runs_folder_that_cannot_be_written_is_unknown_in_words(project: TinyProject) -> None:
    taken = project.root / "taken"
    taken.write_text("", encoding="utf-8")
    ran = project.pytest(IDS[1], "-v", "--runs-dir", str(taken))
    assert ran.status == 1
    assert "refused UNKNOWN" in ran.output
    assert "cannot keep a trial here" in ran.output


def test_the_verdict_is_the_same_when_it_is_computed_again(
    project: TinyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole page, from the stored file alone: outcome, findings and picture."""
    project.pytest("scenarios")
    for name, status in {"refused": 0, "mute": 1, "untouched[hang]": 3}.items():
        trial = project.root / "runs" / name / "latest"
        assert main(["--root", str(project.root), "judge", str(trial)]) == status
        assert capsys.readouterr().out == (trial / "trial.txt").read_text(encoding="utf-8")


def test_what_failed_last_is_run_again_and_x_stops(project: TinyProject) -> None:
    first = project.pytest("scenarios", "-x", "-p", "cacheprovider")
    assert "1 failed" in first.output
    again = project.pytest("scenarios", "--lf", "-p", "cacheprovider", "--collect-only", "-q")
    assert [line for line in again.output.splitlines() if "::" in line] == IDS[:1]


def test_old_trials_are_pruned(project: TinyProject) -> None:
    for _ in range(3):
        project.pytest(IDS[1], "--keep-runs", "2")
    trials = [p for p in (project.root / "runs/refused").iterdir() if not p.is_symlink()]
    assert len(trials) == 2

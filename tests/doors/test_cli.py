"""The command line: what it prints, and with which status it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from tests.contract.tiny_project import REFUSED, TinyProject


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return TinyProject.make(tmp_path, refused=REFUSED)


def harness(project: TinyProject, *arguments: str) -> int:
    return main(["--root", str(project.root), *arguments])


def test_lint_counts_what_is_well_formed(project: TinyProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert harness(project, "lint") == 0
    assert capsys.readouterr().out == "1 scenarios, all well-formed\n"


def test_lint_tells_every_file_that_is_not(project: TinyProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("wrong", REFUSED.replace("hmc: two-nics", "hmc: two-knicks"))
    project.write("worse", REFUSED.replace("START-1, ", "START-9, "))
    assert harness(project, "lint") == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in told] == [
        "scenarios/worse.scenario.yaml:4:16",
        "scenarios/wrong.scenario.yaml:7:6",
    ]


def test_lint_of_nothing_is_refused(project: TinyProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert harness(project, "lint", str(project.root / "nowhere")) == 2
    assert "no such file or folder" in capsys.readouterr().err
    assert harness(project, "lint", str(project.root / "agent_under_test")) == 2
    assert "holds no *.scenario.yaml" in capsys.readouterr().err


def test_requirements_show_proofs_and_gaps(project: TinyProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert harness(project, "requirements") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].strip() == "1 scenarios: refused"
    assert lines[2].startswith("START-2 ")
    assert lines[5].strip() == "GAP: no scenario"


def test_the_shipped_schemas_are_current() -> None:
    """What editors use says what the loader reads; `harness schema` writes them anew."""
    assert main(["--root", str(Path(__file__).parents[2]), "schema", "--check"]) == 0


def test_judging_no_history_is_refused(project: TinyProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert harness(project, "judge", str(project.root)) == 2
    assert "give the history.jsonl of a trial" in capsys.readouterr().err

"""The command line: what it prints, and with which status it ends."""

from __future__ import annotations

import os
import subprocess
import sys
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


def test_a_slip_in_a_profile_is_told_once_however_many_scenarios_there_are(
    project: TinyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("another", REFUSED)
    profile = project.root / "agent_under_test/profiles/tiny.yaml"
    profile.write_text(profile.read_text(encoding="utf-8").replace("title:", "titel:"), encoding="utf-8")
    assert harness(project, "lint") == 2
    assert capsys.readouterr().err.count("unknown word 'titel'; did you mean 'title'?") == 1


CHANGE = REFUSED.replace("expect:", "  - at: 1s\n    change: {CHANGE}\nexpect:")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "remove_nic: {partition: part-9, nic: nic-1}",
            "remove_nic: unknown partition 'part-9'; did you mean 'part-1'?",
        ),
        (
            "partition_status: {partition: idle, status: stopped}",
            "partition_status: unknown partition 'idle'; did you mean 'part-idle'?",
        ),
        ("remove_nic: {partition: part-1, nic: nic-3}", "remove_nic: unknown NIC 'nic-3'; did you mean 'nic-2'?"),
        (
            "add_nic: {partition: part-1, nic: nic-1, mac: 'fa:16:3e:00:00:09'}",
            "add_nic: part-1 has a NIC 'nic-1' already",
        ),
        (
            "add_nic: {partition: part-1, nic: nic-3, mac: 'fa:16:3e:00:00:09'}",
            "add_nic: the profile tiny says ports: none",
        ),
    ],
)
def test_names_that_the_inventory_does_not_have_are_told_with_their_place(
    project: TinyProject, capsys: pytest.CaptureFixture[str], change: str, told: str
) -> None:
    project.write("change", CHANGE.replace("CHANGE", change))
    assert harness(project, "lint") == 2
    assert capsys.readouterr().err.startswith(f"scenarios/change.scenario.yaml:11:5: {told}")


def test_a_nic_that_the_timeline_adds_may_be_removed(project: TinyProject) -> None:
    profile = project.root / "agent_under_test/profiles/tiny.yaml"
    profile.write_text(profile.read_text(encoding="utf-8") + "ports: host-1\n", encoding="utf-8")
    add = "{add_nic: {partition: part-1, nic: nic-3, mac: 'fa:16:3e:00:00:09'}}"
    remove = "{remove_nic: {partition: part-1, nic: nic-3}}"
    project.write("change", CHANGE.replace("{CHANGE}", f"{remove}\n  - at: 0s\n    change: {add}"))
    assert harness(project, "lint") == 0


def test_a_wrong_inventory_is_told_once_and_only_where_it_is_used(
    project: TinyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    inventories = project.root / "scenarios/inventories"
    (inventories / "unused.yaml").write_text("cpcs: [", encoding="utf-8")
    assert harness(project, "lint") == 0
    (inventories / "two-nics.yaml").write_text("hmc_definition: {host: h, cpcs: [\n", encoding="utf-8")
    project.write("another", REFUSED)
    assert harness(project, "lint") == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(f"{inventories / 'two-nics.yaml'}:2:1: this is no YAML")


def test_a_scenario_whose_name_ends_in_yml_is_refused_and_not_passed_over(
    project: TinyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    right = project.write("typo", REFUSED)
    right.rename(right.with_suffix(".yml"))
    assert harness(project, "lint") == 2
    assert "typo.scenario.yml: the name has to be" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_failure(project: TinyProject) -> None:
    """As with ``| head -1``: the pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    run = [sys.executable, "-m", "harness.cli", "--root", str(project.root), "requirements"]
    done = subprocess.run(run, stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=30)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


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


def test_the_scenarios_of_a_matrix_are_counted_with_their_file(
    project: TinyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("first", "second"):
        matrix = "matrix:\n  fault: [refuse_connections, hang]\n"
        project.write(name, REFUSED.replace("fault: refuse_connections", "fault: ${fault}") + matrix)
    assert harness(project, "requirements") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].strip() == "5 scenarios: first (2), refused, second (2)"


def test_judging_what_is_missing_says_what_to_give(
    project: TinyProject, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for place in (project.root, tmp_path / "nowhere"):
        assert harness(project, "judge", str(place)) == 2
        assert "runs/FOLDER/ID" in capsys.readouterr().err


def test_the_shipped_schemas_are_current() -> None:
    """What editors use says what the loader reads; `harness schema` writes them anew."""
    assert main(["--root", str(Path(__file__).parents[2]), "schema", "--check"]) == 0


def test_the_newest_trial_is_judged_where_a_scenarios_folder_is_given(
    project: TinyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project.root / "runs" / "refused"
    (folder / "latest").mkdir(parents=True)
    (folder / "latest" / "history.jsonl").write_text("{}\n")
    assert harness(project, "judge", str(folder)) == 2
    assert "latest/history.jsonl:1:1" in capsys.readouterr().err

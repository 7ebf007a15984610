"""Whole trials of agents whose Python is not the harness's: the self-test runs under theirs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.contract.test_warp_other_agents import HANGS, PROFILE
from tests.contract.tiny_project import PROFILE_LINE, TinyProject
from tests.contract.warp_world import PROGRAMS, newest_python, without

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def newest() -> str:
    return newest_python() or without("a Python of 3.12 or newer", "put one on the PATH")


def project(root: Path, python: str | Path) -> TinyProject:
    """One whose agent is executed by this interpreter."""
    made = TinyProject.make(root, hangs=HANGS)
    text = PROFILE_LINE + PROFILE.format(command=f'"{python}", "{PROGRAMS / "no_answer.py"}"')
    (root / "agent_under_test/profiles/c.yaml").write_text(text, encoding="utf-8")
    return made


def test_a_trial_under_the_newest_python_is_warped(tmp_path: Path, newest: str) -> None:
    made = project(tmp_path, newest)
    ran = made.pytest("scenarios", "--warp", "8")
    assert ran.status == 0, ran.output
    told = made.verdict("hangs")["warp"]
    assert isinstance(told, dict)
    assert told["factor"] == 8.0
    version = subprocess.run([newest, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    printed = [str(e["text"]) for e in made.events("hangs") if e["event"] == "LogLine"]
    assert printed == [f"ERROR no answer from the HMC to Python {'.'.join(version.split('.')[:2])}"]


def test_an_agents_python_that_loses_the_library_is_refused_by_the_self_test(tmp_path: Path, newest: str) -> None:
    """Before the trial is played: under our own Python all would be well."""
    launcher = tmp_path / "python3.13"
    subprocess.run(["cc", f'-DPYTHON="{newest}"', "-o", launcher, PROGRAMS / "launcher.c"], check=True)
    made = project(tmp_path, launcher)
    ran = made.pytest("scenarios", "--warp", "8")
    assert made.verdict("hangs")["outcome"] == "UNKNOWN", ran.output
    assert f"not everything runs 8 times as fast under {launcher}" in ran.output
    assert "clock MONOTONIC: is" in ran.output
    assert not [e for e in made.events("hangs") if e["event"] == "ProcessStarted"]

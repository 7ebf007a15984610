"""Whole trials of agents that are not Python, and of agents that lose the library on their way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.tiny_project import PROFILE_LINE, TinyProject
from tests.contract.warp_world import PROGRAMS

pytestmark = pytest.mark.contract

TIMEOUT_S = 4
BARE_THEN_WARPED = f"{sys.executable} {PROGRAMS / 'bare_then_warped.py'}"
PROFILE = f"""title: An agent of one word
command: [{{command}}, "{{{{hmc_host}}}}", "{{{{hmc_port}}}}", "{TIMEOUT_S}"]
kind: one-shot
log: {{{{level: "^(?P<level>[A-Z]+) "}}}}
"""
HANGS = f"""title: An HMC that takes what is said, and does not answer
why: A test.
requirements: [TR-3]
agent: c
hmc: two-nics
warp: auto
timeline:
  - at: start
    fault: hang
expect:
  - exits: {{status: failure, within: 60s}}
  - elapsed: {{takes: {TIMEOUT_S}s, slack: 2s, until: "no answer from the HMC"}}
"""


def project(root: Path, *flags: str, before: str = "") -> TinyProject:
    """One whose agent is the program in C, built with these flags, and started by what is put before it."""
    made = TinyProject.make(root, hangs=HANGS)
    program = root / "agent"
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", *flags, "-o", program, PROGRAMS / "agent.c"], check=True)
    text = PROFILE_LINE + PROFILE.format(command=f'{before}"{program}"')
    (root / "agent_under_test/profiles/c.yaml").write_text(text, encoding="utf-8")
    return made


def by_shell(words: str) -> str:
    """What is put before the program, so that it is started by these words of a shell's."""
    quoted = words.replace('"', '\\"')
    return f'sh, -c, "{quoted}", sh, '


def clock_of(made: TinyProject) -> tuple[object, object]:
    """How fast it was, and why."""
    told = made.verdict("hangs")["warp"]
    assert isinstance(told, dict)
    return told["factor"], told["why"]


def test_a_trial_of_an_agent_in_c_is_warped(tmp_path: Path) -> None:
    made = project(tmp_path)
    ran = made.pytest("scenarios", "--warp", "8")
    assert ran.status == 0, ran.output
    assert clock_of(made) == (8.0, "asked for by number")


def test_a_trial_of_a_static_one_runs_in_real_time_and_says_why(tmp_path: Path) -> None:
    made = project(tmp_path, "-static")
    ran = made.pytest("scenarios")
    assert ran.status == 0, ran.output
    factor, why = clock_of(made)
    assert factor == 1.0
    assert str(why).startswith(f"real time: {tmp_path}/agent is statically linked")


def test_a_static_one_that_is_to_be_warped_is_unknown(tmp_path: Path) -> None:
    ran = project(tmp_path, "-static").pytest("scenarios", "--warp", "8")
    assert ran.status == 1
    assert "a warp of x8 was asked for, and" in ran.output
    assert "statically linked" in ran.output


def test_a_static_one_behind_a_wrapper_gets_real_time_as_well_once_it_is_met(tmp_path: Path) -> None:
    made = project(tmp_path, "-static", before=by_shell('exec "$@"'))
    ran = made.pytest("scenarios")
    assert ran.status == 0, ran.output
    factor, why = clock_of(made)
    assert factor == 1.0
    assert str(why).startswith("real time: process ")
    assert f"{tmp_path}/agent is statically linked" in str(why)
    assert "before: x2" in (tmp_path / "runs/hangs/latest/trial.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "loses",
    [
        pytest.param('unset LD_PRELOAD; exec "$@"', id="executes it"),
        pytest.param('unset LD_PRELOAD; "$@"; exit 1', id="starts it"),
        pytest.param('(env -u LD_PRELOAD "$@" &); sleep 24; exit 1', id="leaves it an orphan"),
        pytest.param(f'shift; LIBRARY=$LD_PRELOAD exec env -u LD_PRELOAD {BARE_THEN_WARPED} "$@"', id="finds it again"),
    ],
)
def test_an_agent_that_lost_the_library_makes_the_trial_unknown(loses: str, tmp_path: Path) -> None:
    """In real time it waits its 4 s, which are 16 of the harness's: without the library's own words that was a pass.

    So the demand is 16 s here, and it is met.
    """
    made = project(tmp_path, before=by_shell(loses))
    made.write("hangs", HANGS.replace(f"takes: {TIMEOUT_S}s", f"takes: {TIMEOUT_S * 4}s"))
    ran = made.pytest("scenarios", "--warp", "4")
    assert made.verdict("hangs")["outcome"] == "UNKNOWN", ran.output
    assert "has not loaded the library, so its clock ran in real time; hand LD_PRELOAD" in ran.output
    assert "PASS    elapsed" in ran.output


def test_an_orphan_that_has_the_library_is_no_stranger(tmp_path: Path) -> None:
    """Nor is the guard, to which it belongs then."""
    ran = project(tmp_path, before=by_shell('("$@" &); sleep 12; exit 1')).pytest("scenarios", "--warp", "4")
    assert ran.status == 0, ran.output

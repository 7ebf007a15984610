"""`--l4-engine toxiproxy`: what it cannot do is left out with words, and without a server nothing passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.toxiproxy_server import find_program
from tests.contract.engine_world import TOOLS
from tests.contract.tiny_project import UNTOUCHED, TinyProject

pytestmark = pytest.mark.contract

MIXED = UNTOUCHED.replace("[hang, {latency: {delay: 1s}}]", "[hang, blackhole]")

LEFT_OUT = "blackhole: only the relay does that: scenarios/mixed.scenario.yaml::mixed[blackhole]"


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return TinyProject.make(tmp_path, mixed=MIXED)


def test_what_it_cannot_do_is_left_out_and_named_with_the_reason(project: TinyProject) -> None:
    ran = project.pytest("scenarios", "--l4-engine", "toxiproxy", "--collect-only", "-q")
    assert "scenarios/mixed.scenario.yaml::mixed[hang]" in ran.output
    how = "toxiproxy as engine and embedded as control plane"
    assert f"not played: 1 scenarios do not go with {how}" in ran.output
    assert LEFT_OUT in ran.output


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_where_nothing_is_left_no_test_ran(project: TinyProject, workers: list[str]) -> None:
    ran = project.pytest("scenarios", "--l4-engine", "toxiproxy", "-k", "blackhole", *workers)
    assert ran.status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert LEFT_OUT in ran.output


def test_without_a_server_nothing_passes_and_it_is_said_what_to_do(
    project: TinyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    ran = project.pytest("scenarios", "--l4-engine", "toxiproxy", "-k", "hang")
    assert ran.status == pytest.ExitCode.TESTS_FAILED
    assert "UNKNOWN: nothing was proved" in ran.output
    assert "there is no Toxiproxy server; type: make toxiproxy" in ran.output


def test_a_step_that_names_an_engine_that_cannot_is_refused_with_its_place(project: TinyProject) -> None:
    project.write("named", MIXED.replace("    fault: ${fault}\n", "    engine: toxiproxy\n    fault: ${fault}\n"))
    ran = project.pytest("scenarios")
    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "engine: toxiproxy cannot carry out blackhole; take out this line, or write relay" in ran.output


def test_a_form_that_an_engine_cannot_do_is_refused_with_the_reason(project: TinyProject) -> None:
    text = MIXED.replace("    fault: ${fault}\n", "    engine: toxiproxy\n    fault: refuse_connections\n")
    project.write("named", text.split("matrix:")[0])
    ran = project.pytest("scenarios")
    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "cannot carry out refuse_connections; it closes open connections and cannot reset them" in ran.output


@pytest.mark.toxiproxy
def test_a_trial_on_toxiproxy_has_its_witnesses(project: TinyProject) -> None:
    """The tiny agent only connects, so a refusal while it runs is what it meets."""
    tools = project.root / ".tools"
    tools.mkdir()
    program = find_program(TOOLS)
    assert program is not None, "type: make toxiproxy"
    (tools / "toxiproxy-server").symlink_to(program)
    text = MIXED.split("matrix:")[0].replace("${fault}", "{refuse_connections: {existing: close}}")
    project.write("closed", text)
    ran = project.pytest("scenarios/closed.scenario.yaml", "--l4-engine", "toxiproxy", "-v")
    assert ran.status == 0, ran.output
    kinds = {event["event"]: event for event in project.events("closed")}
    assert kinds["StepBegan"]["engine"] == "toxiproxy"
    assert "behind the relay" in str(kinds["Touched"]["what"])

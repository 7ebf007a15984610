"""A composition is one line of a story, and one step a phase of the timeline; its name means all of them."""

from __future__ import annotations

from pathlib import Path

from harness.core import commands
from harness.core.scenario import (
    AtStart,
    AtTime,
    ForSeconds,
    Moment,
    OnStep,
    Scenario,
    StepMoment,
    ToTheEnd,
    has_healing,
)
from harness.scenario_file import from_document, load
from tests.scenario_file.words import HEAD, WORDS, put

REBOOT = "{reboot: {refused: 1s, stalled: 2s, unavailable: 3s}}"


def made(tmp_path: Path, timeline: str) -> Scenario:
    (scenario,) = load(put(tmp_path, f"{HEAD}expect: [keeps_running]\ntimeline:\n{timeline}"), WORDS, tmp_path)
    return scenario


def test_each_phase_is_a_step_that_follows_from_the_begin_of_the_first(tmp_path: Path) -> None:
    refused, lost, forgotten, stalled, unavailable = made(
        tmp_path, f"- {{name: boot, at: 2s, fault: {REBOOT}}}\n"
    ).timeline
    assert [step.number for step in (refused, lost, forgotten, stalled, unavailable)] == [1, 2, 3, 4, 5]
    began = StepMoment(1, Moment.BEGAN)
    assert (refused.name, refused.what, refused.trigger) == ("boot.refused", "reboot.refused", AtTime(2.0))
    assert refused.lasting == ForSeconds(1.0)
    assert (lost.trigger, lost.lasting, lost.command) == (OnStep(began, 0.0), ToTheEnd(), commands.ExpireSessions())
    assert (forgotten.trigger, forgotten.command) == (OnStep(began, 0.0), commands.ForgetJobs())
    assert (stalled.trigger, stalled.lasting) == (OnStep(began, 1.0), ForSeconds(2.0))
    assert (unavailable.trigger, unavailable.lasting) == (OnStep(began, 3.0), ForSeconds(3.0))


def test_a_phase_that_is_a_fault_needs_a_witness_and_heals_and_a_change_does_not(tmp_path: Path) -> None:
    scenario = made(tmp_path, f"- {{at: 2s, fault: {REBOOT}}}\n")
    assert scenario.witnesses == {1, 4, 5}
    assert has_healing(scenario.timeline)


def test_others_wait_for_its_begin_and_its_last_healing(tmp_path: Path) -> None:
    text = (
        "- {at: 0s, change: expire_sessions}\n"
        f"- {{name: boot, at: 0s, fault: {REBOOT}}}\n"
        "- {on: {step: boot, is: began}, fault: hang, until: {step: boot, is: healed}}\n"
        "- {on: {request: GET /x, after: {step: boot, is: healed}}, fault: reset}\n"
    )
    *_, hang, _ = steps = made(tmp_path, text).timeline
    assert [step.number for step in steps] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert hang.trigger == OnStep(StepMoment(2, Moment.BEGAN))
    assert "step=6" in repr(hang.lasting), "the last phase ends last"
    assert "step=6" in repr(steps[-1].trigger)


def test_it_may_begin_before_the_agent(tmp_path: Path) -> None:
    first, *_ = made(tmp_path, "- {at: start, fault: maintenance}\n").timeline
    assert first.trigger == AtStart()


def test_it_survives_the_document_of_a_history(tmp_path: Path) -> None:
    scenario = made(tmp_path, "- {at: 1s, fault: {failover: {silent: 500ms}}}\n")
    again = from_document(scenario.document, WORDS)
    phases = ["silent", "sessions-lost", "jobs-lost", "alternate"]
    assert [step.what for step in again.timeline] == [f"failover.{phase}" for phase in phases]
    assert again.needs == scenario.needs == {"relay", "hmc", "mitmproxy"}

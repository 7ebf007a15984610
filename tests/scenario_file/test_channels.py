"""A step of connections names the port of the HMC that it is about; without a word it is the API's."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core import commands
from harness.core.commands import Channel
from harness.core.scenario import ReachedBy, Scenario
from harness.scenario_file import from_document, load
from tests.scenario_file.words import HEAD, WORDS, put

HEARING = HEAD.replace("agent: dpm-agent", "agent: listener")


def made(tmp_path: Path, timeline: str, head: str = HEARING) -> Scenario:
    (scenario,) = load(put(tmp_path, f"{head}expect: [keeps_running]\ntimeline:\n{timeline}"), WORDS, tmp_path)
    assert from_document(scenario.document, WORDS) == scenario
    return scenario


@pytest.mark.parametrize(
    ("word", "channel", "what"),
    [
        ("", Channel.API, "hang"),
        (", channel: api", Channel.API, "hang"),
        (", channel: notifications", Channel.NOTIFICATIONS, "hang of notifications"),
        (", channel: both", Channel.BOTH, "hang of both"),
    ],
)
def test_the_command_is_aimed_at_the_channel(tmp_path: Path, word: str, channel: Channel, what: str) -> None:
    (step,) = made(tmp_path, f"- {{at: 0s, fault: hang{word}}}\n").timeline
    assert (step.command, step.what, step.engine) == (commands.Hang(channel=channel), what, "relay")


def test_of_a_composition_the_phases_are_aimed_that_are_about_connections(tmp_path: Path) -> None:
    refused, lost, forgotten = made(tmp_path, "- {at: 0s, fault: restart, channel: both}\n").timeline
    assert refused.command == commands.RefuseConnections(channel=Channel.BOTH)
    assert refused.what == "restart.refused of both"
    assert lost.command == commands.ExpireSessions()
    assert lost.what == "restart.sessions-lost"
    assert (forgotten.command, forgotten.what) == (commands.ForgetJobs(), "restart.jobs-lost")


def test_a_fault_of_messages_needs_no_channel(tmp_path: Path) -> None:
    (step,) = made(tmp_path, "- {at: 0s, fault: silent_notifications}\n").timeline
    assert (step.command, step.engine) == (commands.WithholdNotifications(kept=False), "broker")
    assert step.needs_witness


@pytest.mark.parametrize("fault", ["hang, channel: notifications", "stalled_heartbeats"])
def test_it_will_do_if_a_bystander_listens(tmp_path: Path, fault: str) -> None:
    bystander, step = made(
        tmp_path, f"- {{at: 0s, bystander: listener}}\n- {{at: 1s, fault: {fault}}}\n", HEAD
    ).timeline
    assert bystander.command == commands.RunBystander(profile="listener")
    assert step.needs_witness


def test_a_scenario_knows_its_bystanders_each_once(tmp_path: Path) -> None:
    entry = "- {at: 0s, bystander: listener}\n"
    assert made(tmp_path, entry * 2, HEAD).bystanders == ("listener",)


def test_a_fault_of_names_wants_an_hmc_that_is_known_by_one(tmp_path: Path) -> None:
    named = HEAD.replace("hmc: two-nics", "hmc: {two-nics: {reached_by: name}}")
    scenario = made(tmp_path, "- {at: start, fault: dead_address}\n", named)
    (step,) = scenario.timeline
    assert (step.command, step.engine) == (commands.PutDeadAddressFirst(silent=False), "names")
    assert scenario.reached_by is ReachedBy.NAME
    assert made(tmp_path, "- {at: 0s, fault: hang}\n", HEAD).reached_by is ReachedBy.ADDRESS

"""A step of bytes may name one connection; without a word it is about all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.core import commands
from harness.core.commands import Channel, Command, Cut, CutConnection, Direction
from harness.core.scenario import Scenario
from harness.engines import toxiproxy_toxics
from harness.errors import BadInput
from harness.faults import FAULTS
from harness.scenario_file import from_document, load
from tests.scenario_file.words import HEAD, WORDS, put

HEARING = HEAD.replace("agent: dpm-agent", "agent: listener")


def made(tmp_path: Path, entry: str) -> Scenario:
    text = f"{HEARING}expect: [keeps_running]\ntimeline:\n- {{at: 0s, fault: {entry}}}\n"
    (scenario,) = load(put(tmp_path, text), WORDS, tmp_path)
    assert from_document(scenario.document, WORDS) == scenario
    return scenario


@pytest.mark.parametrize(
    ("entry", "command", "what"),
    [
        ("hang", commands.Hang(connection=None), "hang"),
        ("hang, connection: 1", commands.Hang(connection=1), "hang of connection 1"),
        (
            "reset, channel: notifications, connection: 2",
            CutConnection(how=Cut.RST, direction=Direction.REQUEST, channel=Channel.NOTIFICATIONS, connection=2),
            "reset of connection 2 of notifications",
        ),
    ],
)
def test_the_command_is_aimed_at_the_connection(tmp_path: Path, entry: str, command: Command, what: str) -> None:
    (step,) = made(tmp_path, entry).timeline
    assert (step.command, step.what, step.engine, step.needs_witness) == (command, what, "relay", True)


NEEDED = {
    "slow_first_byte": "{slow_first_byte: {delay: 1s}}",
    "latency": "{latency: {delay: 1s}}",
    "bandwidth": "{bandwidth: {rate: 1kB/s}}",
    "drip": "{drip: {rate: 9B/s}}",
    "refuse_after": "{refuse_after: {connections: 1}}",
    "flapping": "{flapping: {down: 1s, up: 1s}}",
    "slow_name": "{slow_name: {delay: 1s}}",
    "http_error": "{http_error: {status: 500}}",
    "slow_requests": "{slow_requests: {delay: 1s}}",
    "slow_answer": "{slow_answer: {rate: 9B/s}}",
    "slow_job": "{slow_job: {time: 1s}}",
    "incomplete_job": "{incomplete_job: {without: status}}",
    "job_without_effect": "{job_without_effect: {match: /api/x}}",
    "bad_certificate": "{bad_certificate: {flaw: expired}}",
}
"""Faults that do not do without settings."""

OF_BYTES = {
    *("hang", "stall", "handshake_stall", "reset", "drop", "handshake_cut", "stale_connections"),
    *("latency", "slow_first_byte", "bandwidth", "drip"),
}


@pytest.mark.parametrize("word", FAULTS)
def test_each_fault_of_bytes_can_be_aimed_and_no_other(tmp_path: Path, word: str) -> None:
    entry = f"{NEEDED.get(word, word)}, connection: 3"
    if word in OF_BYTES:
        (step,) = made(tmp_path, entry).timeline
        assert isinstance(step.command, commands.StreamCommand)
        assert step.command.connection == 3
    else:
        with pytest.raises(BadInput, match=rf":9:\d+: connection: {word} .*; take this line out"):
            made(tmp_path, entry)


def test_an_engine_that_cannot_aim_is_refused_with_the_one_that_can(tmp_path: Path) -> None:
    words = replace(
        WORDS,
        engines={**WORDS.engines, "toxiproxy": toxiproxy_toxics.CARRIES},
        limits={"toxiproxy": toxiproxy_toxics.cannot},
    )
    entry = "- {at: 0s, fault: hang, connection: 1, engine: toxiproxy}\n"
    with pytest.raises(BadInput) as caught:
        load(put(tmp_path, f"{HEAD}expect: [keeps_running]\ntimeline:\n{entry}"), words, tmp_path)
    told = (
        "9:48: engine: toxiproxy cannot carry out hang; its toxics reach every connection and cannot be aimed at one; "
    )
    assert f"{told}use the relay; else take out this line, or write relay" in str(caught.value)

"""A step may name one of two HMCs, or both, where the agent is told two; what does not fit is refused at its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.core import commands
from harness.core.commands import Address, Channel, Command
from harness.core.profile import Profile
from harness.core.scenario import ForSeconds, Scenario
from harness.engines import toxiproxy_toxics
from harness.errors import BadInput
from harness.faults import FAULTS
from harness.scenario_file import from_document, load
from tests.scenario_file.test_connections import NEEDED
from tests.scenario_file.words import HEAD, WORDS, put

TWO = Profile(name="two-hosts", title="Knows two HMCs", command=("agent", "{hmc_host},{hmc_alternate}"))
BOTH_WORDS = replace(WORDS, agents={**WORDS.agents, TWO.name: TWO})
TOLD_TWO = HEAD.replace("agent: dpm-agent", f"agent: {TWO.name}")
EXITS = "expect: [exits: {status: failure}]\n"

ADDRESSED = {
    *("refuse_connections", "refuse_after", "flapping", "blackhole", "accept_and_close"),
    *("handshake_stall", "handshake_cut", "hang", "stall", "reset", "drop", "stale_connections"),
    *("latency", "slow_first_byte", "drip", "bandwidth"),
    *("restart", "failover"),
}
"""Faults that stand before both HMCs: those of connections, and compositions of nothing else."""


def made(tmp_path: Path, entry: str, head: str = TOLD_TWO) -> Scenario:
    text = f"{head}expect: [keeps_secrets]\ntimeline:\n- {{at: 0s, {entry}}}\n"
    (scenario,) = load(put(tmp_path, text), BOTH_WORDS, tmp_path)
    assert from_document(scenario.document, BOTH_WORDS) == scenario
    return scenario


def refused(tmp_path: Path, entry: str, head: str = TOLD_TWO) -> str:
    with pytest.raises(BadInput) as caught:
        made(tmp_path, entry, head)
    return str(caught.value)


@pytest.mark.parametrize(
    ("entry", "command", "what"),
    [
        ("fault: hang", commands.Hang(), "hang"),
        ("fault: hang, address: first", commands.Hang(address=Address.FIRST), "hang"),
        ("fault: hang, address: both", commands.Hang(address=Address.BOTH), "hang at both addresses"),
        (
            "fault: hang, address: alternate, connection: 2, channel: api",
            commands.Hang(address=Address.ALTERNATE, connection=2, channel=Channel.API),
            "hang of connection 2 at the alternate address",
        ),
        (
            "change: expire_sessions, address: alternate",
            commands.ExpireSessions(address=Address.ALTERNATE),
            "expire_sessions at the alternate address",
        ),
    ],
)
def test_the_command_is_aimed_at_the_address(tmp_path: Path, entry: str, command: Command, what: str) -> None:
    (step,) = made(tmp_path, entry).timeline
    assert (step.command, step.what) == (command, what)


@pytest.mark.parametrize("word", FAULTS)
def test_each_fault_of_connections_can_be_aimed_and_no_other(tmp_path: Path, word: str) -> None:
    entry = f"fault: {NEEDED.get(word, word)}, address: alternate"
    if word in ADDRESSED:
        aimed = [step.command for step in made(tmp_path, entry).timeline]
        assert {getattr(command, "address", None) for command in aimed} == {Address.ALTERNATE}
    else:
        told = rf"9:\d+: address: {word} can be aimed at no address, only faults of connections can; take this line out"
        with pytest.raises(BadInput, match=told):
            made(tmp_path, entry)


def test_of_two_hmcs_there_have_to_be_two(tmp_path: Path) -> None:
    told = refused(tmp_path, "fault: hang, address: alternate", HEAD)
    assert "9:25: address: nobody in this scenario is told an alternate HMC; take this line out, or choose" in told
    assert "an agent whose profile has {hmc_alternate}" in told


def test_a_bystander_that_is_told_two_will_do(tmp_path: Path) -> None:
    entry = f"fault: hang, address: alternate}}\n- {{at: 0s, bystander: {TWO.name}"
    first, _ = made(tmp_path, entry, HEAD).timeline
    assert first.command == commands.Hang(address=Address.ALTERNATE)


@pytest.mark.parametrize("channel", ["notifications", "both", "bus"])
def test_an_alternate_has_the_api_alone(tmp_path: Path, channel: str) -> None:
    told = refused(tmp_path, f"fault: hang, channel: {channel}, address: both")
    assert "address: an alternate HMC has the API alone; take this line out, or write channel: api" in told


def test_one_connection_of_both_is_two(tmp_path: Path) -> None:
    told = refused(tmp_path, "fault: hang, connection: 1, address: both")
    assert "9:25: connection: each HMC counts its own connections, so one of both is two; write address: first" in told


def test_an_unknown_address_gets_the_nearest_known_one(tmp_path: Path) -> None:
    assert "'alternat'; did you mean 'alternate'" in refused(tmp_path, "fault: hang, address: alternat")


def test_toxiproxy_stands_before_the_first_alone(tmp_path: Path) -> None:
    words = replace(
        BOTH_WORDS,
        engines={**WORDS.engines, "toxiproxy": toxiproxy_toxics.CARRIES},
        limits={"toxiproxy": toxiproxy_toxics.cannot},
    )
    entry = "- {at: 0s, fault: hang, address: both, engine: toxiproxy}\n"
    with pytest.raises(BadInput, match="it stands before the HMC's first address only; use the relay"):
        load(put(tmp_path, f"{TOLD_TWO}{EXITS}timeline:\n{entry}"), words, tmp_path)


def test_a_failover_is_to_another_address_where_the_agent_is_told_one(tmp_path: Path) -> None:
    entry = "fault: {failover: {silent: 1s, alternate: 2s}}"
    one, two = made(tmp_path, entry, HEAD).timeline, made(tmp_path, entry).timeline
    assert [step.name for step in one] == [
        f"step-1.{part}" for part in ("silent", "sessions-lost", "jobs-lost", "alternate")
    ]
    assert (two[0].command, two[0].lasting) == (commands.Blackhole(), ForSeconds(3.0))
    assert [step.command for step in two[1:]] == [commands.ExpireSessions(), commands.ForgetJobs()]


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("attempts: {what: requests, at_least: 1, address: both}", "address is first or alternate here; take it out"),
        ("attempts: {what: touches, at_least: 1, address: first}", "address goes with what: connections or requests"),
        ("spacing: {what: listeners, every: 1s, address: first}", "an alternate has no listeners, so take it out"),
        ("recovers: {within: 1s, address: first, channel: both}", "address goes with channel: api"),
    ],
)
def test_a_check_of_an_address_that_says_nothing_is_refused(tmp_path: Path, check: str, told: str) -> None:
    text = f"{TOLD_TWO}expect:\n- {check}\ntimeline:\n- {{at: 0s, fault: hang, for: 1s}}\n"
    with pytest.raises(BadInput, match=rf"8:\d+: .*{told}"):
        load(put(tmp_path, text), BOTH_WORDS, tmp_path)


@pytest.mark.parametrize(
    "check",
    [
        "attempts: {what: requests, at_least: 1, address: alternate}",
        "spacing: {what: connections, every: 1s, address: alternate}",
        "recovers: {within: 1s, address: alternate}",
    ],
)
def test_a_check_of_an_address_wants_an_agent_that_is_told_two(tmp_path: Path, check: str) -> None:
    text = f"expect:\n- {check}\ntimeline:\n- {{at: 0s, fault: hang, for: 1s}}\n"
    assert load(put(tmp_path, TOLD_TWO + text), BOTH_WORDS, tmp_path)
    told = r"8:\d+: \w+: the profile dpm-agent has no {hmc_alternate}, so there is one HMC alone; put it there, or"
    with pytest.raises(BadInput, match=told):
        load(put(tmp_path, HEAD + text), BOTH_WORDS, tmp_path)

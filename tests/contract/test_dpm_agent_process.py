"""The DPM agent as a process, between a mock HMC and a control plane: what the concept demands of it."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.hmc import ThrowawayCa
from tests.contract.dpm_agent_rig import HMC_HOST, PASSWORD, AgentProcess, Rig, rig, until

pytestmark = pytest.mark.contract


def play(folder: Path, story: Callable[[Rig], Awaitable[None]]) -> None:
    """Run a story between an HMC and a control plane."""

    async def run() -> None:
        async with rig(folder) as made:
            await story(made)

    asyncio.run(run())


def assert_last_words(agent: AgentProcess, rig: Rig, cause: str) -> None:
    """START-2: exactly one error, which names the HMC, the cause and that the agent stops; no traceback, no secret."""
    (message,) = agent.said("ERROR")
    assert re.fullmatch(rf"HMC {HMC_HOST}:{rig.tcp_port} cannot be used: {cause}.*; the agent stops", message)
    assert agent.said("WARNING") == []
    assert_clean(agent, rig)


def assert_clean(agent: AgentProcess, rig: Rig) -> None:
    text = "\n".join(agent.lines)
    assert "Traceback" not in text
    assert not any(secret in text for secret in (PASSWORD, *rig.witness.secrets))


def test_it_makes_ports_active_only_reads_and_logs_off_when_told_to_stop(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config()) as agent:
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            await rig.more_heartbeats(2)
            assert await rig.alive() == [True]
            agent.terminate()
            assert await agent.exit_status() == 0
        writes = [request for request in rig.witness.requests if not request.startswith("GET ")]
        assert writes == ["POST /api/sessions", "DELETE /api/sessions/this-session"]
        assert rig.witness.sessions == ["logon", "logoff"]
        assert agent.said("WARNING") == agent.said("ERROR") == []
        assert_clean(agent, rig)

    play(tmp_path, story)


def test_a_lost_hmc_leaves_it_alive_with_active_ports_and_truth_returns_with_the_hmc(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config()) as agent:
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            await rig.hmc.close()
            await until(lambda: len(agent.said("WARNING")) >= 3, "the loss and two failed attempts")
            rig.hmc.remove_nic("part-1", "nic-2")
            await rig.more_heartbeats(5)
            assert await rig.alive() == [True]
            assert await rig.ports() == {"nic-1": "ACTIVE", "nic-2": "ACTIVE"}
            await rig.open_hmc()
            await rig.all_ports(nic_1="ACTIVE", nic_2="DOWN")
            rig.hmc.add_nic("part-1", "nic-2", "fa:16:3e:00:00:02", "dpm-host-1")
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            assert agent.process.returncode is None
        address = f"HMC {HMC_HOST}:{rig.tcp_port}"
        first, *_, last = agent.said("WARNING")
        assert re.match(rf"lost {address}: connection (refused|closed|reset)", first)
        assert re.match(rf"{address} is back", last)
        assert rig.witness.sessions.count("logon") == 2
        assert_clean(agent, rig)

    play(tmp_path, story)


def test_a_hung_hmc_stops_neither_heartbeats_nor_the_end(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config(read_timeout="300")) as agent:
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            rig.witness.open.clear()
            seen = len(rig.witness.requests)
            await until(lambda: len(rig.witness.requests) > seen, "a request that hangs")
            await rig.more_heartbeats(5)
            assert await rig.ports() == {"nic-1": "ACTIVE", "nic-2": "ACTIVE"}
            agent.terminate()
            assert await agent.exit_status(within_s=5.0) == 0
        assert_clean(agent, rig)

    play(tmp_path, story)


def test_a_hang_is_given_up_after_the_read_timeout_and_tried_once_a_time(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config(read_timeout="0.5")) as agent:
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            rig.witness.open.clear()
            before = len(rig.witness.requests)
            await until(lambda: len(agent.said("WARNING")) >= 2, "the loss and a failed attempt")
            assert [r.split()[0] for r in rig.witness.requests[before : before + 2]] == ["GET", "POST"]
            rig.witness.open.set()
            await until(lambda: "is back" in agent.said("WARNING")[-1], "the return")
        assert "timed out" in agent.said("WARNING")[0]

    play(tmp_path, story)


def test_sessions_that_the_hmc_forgot_are_renewed_by_zhmcclient_without_a_word(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config()) as agent:
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            rig.hmc.expire_sessions()
            await until(lambda: rig.witness.sessions.count("logon") == 2, "a second logon")
            await rig.more_heartbeats(2)
        assert agent.said("WARNING") == []

    play(tmp_path, story)


def test_refused_at_the_start_it_ends_with_one_error(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        await rig.hmc.close()
        async with rig.agent(rig.config()) as agent:
            assert await agent.exit_status() == 1
        assert_last_words(agent, rig, "connection refused")
        assert rig.heartbeats() == 0

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("key", "value", "cause"),
    [
        ("password", "wrong", "user or password refused"),
        ("cpc", "CPC-X", "CPC 'CPC-X' not found"),
    ],
)
def test_what_the_hmc_refuses_at_the_start_is_told(tmp_path: Path, key: str, value: str, cause: str) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config(**{key: value})) as agent:
            assert await agent.exit_status() == 1
        assert_last_words(agent, rig, cause)

    play(tmp_path, story)


def test_a_hang_at_the_start_ends_it_after_its_read_timeout(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        rig.witness.open.clear()
        async with rig.agent(rig.config(read_timeout="1")) as agent:
            assert await agent.exit_status() == 1
        assert rig.witness.requests == ["POST /api/sessions"]
        assert_last_words(agent, rig, r"no answer in time \(read timed out\)")

    play(tmp_path, story)


def test_an_hmc_that_takes_connections_but_no_tls_ends_the_start(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        with socket.create_server((HMC_HOST, 0)) as silent:
            rig.tcp_port = silent.getsockname()[1]
            config = rig.config()
            config.write_text(config.read_text().replace("connect_timeout = 5", "connect_timeout = 0.3"))
            async with rig.agent(config) as agent:
                assert await agent.exit_status() == 1
            assert_last_words(agent, rig, ".*timed out")

    play(tmp_path, story)


def test_only_the_configured_authority_is_trusted_whatever_the_environment_says(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        other = tmp_path / "other.pem"
        other.write_bytes(ThrowawayCa().ca_pem)
        good = tmp_path / "good.pem"
        good.write_bytes(rig.ca.ca_pem)
        config = rig.config(ca_certs=str(other))
        async with rig.agent(config, environment={"REQUESTS_CA_BUNDLE": str(good)}) as agent:
            assert await agent.exit_status() == 1
        assert_last_words(agent, rig, "certificate not accepted")
        assert rig.witness.requests == []

    play(tmp_path, story)


def test_told_to_stop_while_the_start_hangs_it_ends_at_once_with_status_0(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        rig.witness.open.clear()
        async with rig.agent(rig.config(read_timeout="300")) as agent:
            await until(lambda: bool(rig.witness.requests), "the logon that hangs")
            agent.terminate()
            assert await agent.exit_status(within_s=5.0) == 0

    play(tmp_path, story)


def test_a_wrong_configuration_ends_it_with_status_2_and_the_key(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        config = rig.config()
        config.write_text(config.read_text() + "\ncolour = red\n")
        async with rig.agent(config) as agent:
            assert await agent.exit_status() == 2
        (line,) = agent.lines
        assert line.startswith(f"dpm_agent: {config}: [control_plane] colour: unknown key")

    play(tmp_path, story)


def test_a_control_plane_that_goes_away_is_outlived(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config()) as agent:
            await rig.all_ports(nic_1="ACTIVE", nic_2="ACTIVE")
            await rig.plane.close()
            await until(lambda: bool(agent.said("WARNING")), "a word about the control plane")
            seen = len(rig.witness.requests)
            await until(lambda: len(rig.witness.requests) > seen + 10, "looks at the HMC that go on")
            assert agent.process.returncode is None
        assert all("control plane" in line for line in agent.said("WARNING"))

    play(tmp_path, story)

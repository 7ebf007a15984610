"""The DPM agent for a real Neutron: at its start, while the bus is away, and when Neutron tells it something."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from harness.control_plane.neutron import NeutronControlPlane
from tests.contract.dpm_agent_rig import AGENT_HOST, HMC_HOST, MACS, PASSWORD, ROOT, AgentProcess, Rig, rig, until
from tests.contract.plane_world import RealNeutron

pytestmark = [pytest.mark.contract, pytest.mark.neutron]

PROGRAM = (str(ROOT / ".venvs/neutron/bin/python"), "-m", "agent_under_test.dpm_agent.neutron", "--config")
BUS, BUS_PASSWORD = "127.0.77.3:5672", "b%40s-password-to-look-for"  # nobody listens there


def play(folder: Path, story: Callable[[Rig], Awaitable[None]]) -> None:
    """Run a story between an HMC and a bus that refuses."""

    async def run() -> None:
        async with rig(folder) as made:
            await story(made)

    asyncio.run(run())


def on_the_bus(rig: Rig, bus: str = f"rabbit://neutron:{BUS_PASSWORD}@{BUS}/") -> Path:
    """The agent's file, with the bus in place of the control plane's URL."""
    path = rig.config()
    lines = f"transport_url = {bus}\nadapter_mappings = physnet1:switch"
    path.write_text(path.read_text().replace(f"url = {rig.url}", lines))
    return path


def complaints(agent: AgentProcess) -> list[str]:
    """What the bus's library says of it."""
    return [text for text in agent.said("ERROR") if "refused" in text and "HMC" not in text]


def assert_clean(agent: AgentProcess, rig: Rig) -> None:
    text = "\n".join(agent.lines)
    assert "Traceback" not in text
    secrets = (PASSWORD, BUS_PASSWORD, "b@s-password", *rig.witness.secrets)
    assert not any(secret in text for secret in secrets)
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \S+: ", line) for line in agent.lines)


def test_an_hmc_that_cannot_be_used_ends_it_with_the_same_last_words_before_it_reports(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        await rig.hmc.close()
        async with rig.agent(on_the_bus(rig), program=PROGRAM) as agent:
            assert await agent.exit_status() == 1
        address = f"{HMC_HOST}:{rig.tcp_port}"
        assert agent.said("ERROR") == [f"HMC {address} cannot be used: connection refused; the agent stops"]
        assert agent.said("WARNING") == []
        assert_clean(agent, rig)

    play(tmp_path, story)


def test_a_bus_that_is_away_neither_ends_it_nor_keeps_it_from_the_hmc_nor_from_its_end(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(on_the_bus(rig), program=PROGRAM) as agent:
            await until(lambda: len(complaints(agent)) >= 2, "two attempts at the bus")
            await rig.hmc.close()
            await until(lambda: any("lost HMC" in text for text in agent.said("WARNING")), "the loss of the HMC")
            await rig.open_hmc()
            await until(lambda: any("is back" in text for text in agent.said("WARNING")), "its return")
            rig.require_running()
            agent.terminate()
            assert await agent.exit_status(within_s=5.0) == 0
        assert rig.witness.sessions == ["logon", "logon", "logoff"]
        assert_clean(agent, rig)

    play(tmp_path, story)


def test_a_port_that_is_set_down_and_up_in_neutron_follows_because_neutron_tells_the_agent(
    tmp_path: Path, neutron: RealNeutron
) -> None:
    """`port_update` is the only way: nothing changes at the HMC, and the agent asks for no device twice by itself."""

    async def story(rig: Rig) -> None:
        addresses = neutron.kept.addresses
        plane = NeutronControlPlane(addresses, "127.200.9.1")
        url = await plane.start()
        await plane.add_port(name="nic-1", mac=MACS["nic-1"], host=AGENT_HOST)
        bus = addresses.transport_url(addresses.bus_host, addresses.bus_port)
        try:
            config = on_the_bus(rig, bus)
            async with rig.agent(config, program=PROGRAM), aiohttp.ClientSession(url) as http:
                port = await port_when(http, "ACTIVE")
                for up, status in ((False, "DOWN"), (True, "ACTIVE")):
                    async with http.put(f"/v2.0/ports/{port}", json={"port": {"admin_state_up": up}}) as answer:
                        assert answer.ok, await answer.text()
                    await port_when(http, status)
        finally:
            await plane.close()

    play(tmp_path, story)


async def port_when(http: aiohttp.ClientSession, status: str) -> str:
    """The id of the agent's one port, once it has this status."""
    async with asyncio.timeout(60):
        while True:
            async with http.get(f"/v2.0/ports?binding:host_id={AGENT_HOST}") as answer:
                (port,) = (await answer.json())["ports"]
            if port["status"] == status:
                return str(port["id"])
            await asyncio.sleep(0.1)  # the pace of looking


def test_an_option_or_a_file_for_the_other_program_is_wrong_use(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        async with rig.agent(rig.config(), program=PROGRAM) as agent:
            assert await agent.exit_status() == 2
        assert agent.lines[-1].endswith("url: is for another program: python -m agent_under_test.dpm_agent")

    play(tmp_path, story)

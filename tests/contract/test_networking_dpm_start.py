"""The launcher of the unmodified upstream agent: with two things put back it gets as far as its HMC and its bus."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.hmc import HmcSettings, Inventory, MockHmc, ThrowawayCa
from tests.contract.dpm_agent_rig import ROOT, AgentProcess, Witness, until
from tests.dpm_agent.fakes import write_private

pytestmark = [pytest.mark.contract, pytest.mark.neutron]

PYTHON = ROOT / ".venvs/networking-dpm/bin/python"
START = ROOT / "agent_under_test/networking_dpm/start.py"
HMC_HOST, HMC_PORT = "127.0.77.4", 6794
PASSWORD = "a-password-to-look-for"
CPC, OSA = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001"


def config(folder: Path) -> Path:
    """The agent's file; nobody listens at the bus's address."""
    text = f"""\
[DEFAULT]
host = dpm-host-1
transport_url = rabbit://neutron:secret@{HMC_HOST}:5672/
state_path = {folder}
use_stderr = true
[SECURITYGROUP]
enable_security_group = false
firewall_driver = noop
[dpm]
hmc = {HMC_HOST}
hmc_username = dpm
hmc_password = {PASSWORD}
cpc_object_id = {CPC}
physical_network_adapter_mappings = physnet1:{OSA}:0
"""
    return write_private(folder / "agent.conf", text)


async def start(folder: Path, ca: ThrowawayCa) -> AgentProcess:
    """The agent's process, which trusts this authority."""
    (folder / "ca.pem").write_bytes(ca.ca_pem)
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), str(START), "--config-file", str(config(folder))),
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "REQUESTS_CA_BUNDLE": str(folder / "ca.pem")},
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    agent = AgentProcess(process)
    agent.reading = asyncio.create_task(agent.read())
    return agent


def test_an_hmc_that_refuses_ends_it_with_a_traceback_of_zhmcclient(tmp_path: Path) -> None:
    async def story() -> None:
        agent = await start(tmp_path, ThrowawayCa())
        assert await agent.exit_status() == 1
        critical = [line for line in agent.lines if " CRITICAL " in line]
        assert len(critical) == 1
        assert "zhmcclient._exceptions.ConnectionError" in critical[0]
        assert any("Traceback" in line for line in agent.lines)

    asyncio.run(story())


def test_with_an_hmc_it_gets_as_far_as_the_bus(tmp_path: Path) -> None:
    async def story() -> None:
        ca, witness = ThrowawayCa(), Witness()
        witness.open.set()
        inventory = Inventory.load(ROOT / "scenarios" / "inventories" / "two-nics.yaml")
        hmc = MockHmc(inventory, HmcSettings(users={"dpm": PASSWORD}), witness, ca)
        await hmc.start(HMC_HOST, HMC_PORT)
        agent = await start(tmp_path, ca)
        try:
            await until(
                lambda: any("Connection failed" in line for line in agent.lines), "its first attempt at the bus"
            )
            assert any("Agent initialized successfully" in line for line in agent.lines)
            assert "GET /api/cpcs" in witness.requests
        finally:
            agent.process.kill()
            await agent.exit_status()
            await hmc.close()
        assert witness.sessions[:1] == ["logon"]
        assert witness.crashes == []

    asyncio.run(story())

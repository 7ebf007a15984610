"""A real agent process between a mock HMC and an embedded control plane, for the tests of the DPM agent."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from harness.control_plane.embedded import EmbeddedControlPlane
from harness.core.events import Heartbeat
from harness.hmc import HmcSettings, Inventory, MockHmc, ThrowawayCa
from tests.control_plane.fakes import ListRecorder
from tests.dpm_agent.fakes import write_private

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = Inventory.load(ROOT / "scenarios" / "inventories" / "two-nics.yaml")
HMC_HOST = "127.0.77.1"
AGENT_HOST = "dpm-host-1"
USER, PASSWORD = "dpm-agent", "a-password-to-look-for"
MACS = {"nic-1": "fa:16:3e:00:00:01", "nic-2": "fa:16:3e:00:00:02"}
DEADLINE_S = 20.0
OWN_PROGRAM = (sys.executable, "-W", "error", "-m", "agent_under_test.dpm_agent", "--config")


class WallClock:
    """The wall's seconds."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Witness:
    """What the HMC saw; requests wait while `open` is not set."""

    requests: list[str] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        self.requests.append(f"{method} {path}")
        await self.open.wait()

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        pass

    def on_session(self, user: str, what: str) -> None:
        self.sessions.append(what)

    def on_secret(self, text: str, name: str) -> None:
        self.secrets.append(text)

    def on_crash(self, component: str, error: str) -> None:
        self.crashes.append(error)


@dataclass
class AgentProcess:
    """The agent's process and what it wrote."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    reading: asyncio.Task[None] | None = None

    async def read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode().rstrip())

    async def exit_status(self, within_s: float = DEADLINE_S) -> int:
        async with asyncio.timeout(within_s):
            status = await self.process.wait()
            assert self.reading is not None
            await self.reading
        return status

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def said(self, level: str) -> list[str]:
        """The messages at a level."""
        return [line.partition(f" {level} ")[2].partition(": ")[2] for line in self.lines if f" {level} " in line]


@dataclass
class Rig:
    """All that a story needs; the HMC listens at `tcp_port` of `HMC_HOST` once opened."""

    folder: Path
    ca: ThrowawayCa
    hmc: MockHmc
    witness: Witness
    plane: EmbeddedControlPlane
    recorder: ListRecorder
    url: str
    http: aiohttp.ClientSession
    tcp_port: int = 0
    current: AgentProcess | None = None

    async def open_hmc(self) -> None:
        """The HMC listens, at the same TCP port as before."""
        self.tcp_port = await self.hmc.start(HMC_HOST, self.tcp_port)

    def config(self, **changes: str) -> Path:
        """The agent's file; changes are by key, and ``section_key`` for the two hosts."""
        (self.folder / "ca.pem").write_bytes(self.ca.ca_pem)
        values = {
            "port": str(self.tcp_port),
            "password": PASSWORD,
            "ca_certs": str(self.folder / "ca.pem"),
            "cpc": "cpc-1",
            "read_timeout": "10",
            **changes,
        }
        text = f"""
            [hmc]
            host = {HMC_HOST}
            user = {USER}
            port = {values["port"]}
            password = {values["password"]}
            ca_certs = {values["ca_certs"]}
            cpc = {values["cpc"]}
            [timeouts]
            connect_timeout = 5
            read_timeout = {values["read_timeout"]}
            [agent]
            host = {AGENT_HOST}
            polling_interval = 0.1
            report_interval = 0.1
            reconnect_min = 0.1
            reconnect_max = 0.4
            [control_plane]
            url = {self.url}
        """
        lines = "\n".join(line.strip() for line in text.splitlines())
        return write_private(self.folder / "agent.ini", lines)

    @contextlib.asynccontextmanager
    async def agent(
        self, config: Path, *, environment: dict[str, str] | None = None, program: Sequence[str] = OWN_PROGRAM
    ) -> AsyncIterator[AgentProcess]:
        """The agent runs; afterwards it is gone in any case."""
        process = await asyncio.create_subprocess_exec(
            *program,
            str(config),
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        agent = AgentProcess(process)
        agent.reading = asyncio.create_task(agent.read())
        self.current = agent
        try:
            yield agent
        finally:
            self.current = None
            if process.returncode is None:
                process.kill()
            await agent.exit_status()

    async def ports(self) -> dict[str, str]:
        """Status by name, read from outside."""
        async with self.http.get("/v2.0/ports") as answer:
            return {port["name"]: port["status"] for port in (await answer.json())["ports"]}

    async def alive(self) -> list[bool]:
        """Whether the agents that are known are alive."""
        async with self.http.get("/v2.0/agents") as answer:
            return [agent["alive"] for agent in (await answer.json())["agents"]]

    def heartbeats(self) -> int:
        """How many have arrived."""
        return sum(isinstance(event, Heartbeat) for event in self.recorder.events)

    async def more_heartbeats(self, count: int) -> None:
        """Wait until so many more have arrived."""
        before = self.heartbeats()
        await until(lambda: self.heartbeats() >= before + count, f"{count} more heartbeats")

    async def all_ports(self, **wanted: str) -> None:
        """Wait until the ports are in this state (names with _ for -)."""
        states = {name.replace("_", "-"): status for name, status in wanted.items()}
        seen: dict[str, str] = {}
        give_up_at = time.monotonic() + DEADLINE_S
        while (seen := await self.ports()) != states:
            self.require_running()
            assert time.monotonic() < give_up_at, f"waited in vain for {states}; the ports are {seen}"
            await asyncio.sleep(0.02)

    def require_running(self) -> None:
        """Fail at once, with its last words, if the agent is gone."""
        if self.current is not None and self.current.process.returncode is not None:
            raise AssertionError("the agent is gone:\n" + "\n".join(self.current.lines))


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition, but not for ever."""
    give_up_at = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < give_up_at, f"waited {DEADLINE_S} s in vain for {what}"
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[Rig]:
    """An HMC that listens, a control plane with a port for each NIC, and no agent yet."""
    witness, ca, recorder = Witness(), ThrowawayCa(), ListRecorder()
    witness.open.set()
    hmc = MockHmc(INVENTORY, HmcSettings(users={USER: PASSWORD}), witness, ca)
    plane = EmbeddedControlPlane(recorder, WallClock(), agent_down_time_s=2.0)
    url = await plane.start("127.0.0.1")
    for name, mac in MACS.items():
        await plane.add_port(name=name, mac=mac, host=AGENT_HOST)
    try:
        async with aiohttp.ClientSession(url) as http:
            made = Rig(folder, ca, hmc, witness, plane, recorder, url, http)
            await made.open_hmc()
            yield made
    finally:
        witness.open.set()
        await hmc.close()
        await plane.close()
    assert witness.crashes == []

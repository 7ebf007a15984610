"""Both control planes as an agent and as an operator meet them: words to say, pages to read, names of one's own."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

import aiohttp

from harness.control_plane.embedded import EmbeddedControlPlane
from harness.control_plane.neutron import Addresses, Kept, NeutronControlPlane
from harness.core.interfaces import ControlPlane
from harness.observe.clock import WallClock
from tests.control_plane.fakes import ListRecorder

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venvs/neutron/bin/python"

EMBEDDED_DOWN_S, NEUTRON_DOWN_S = 1, 10
"""agent_down_time: Neutron's has to outlast what a busy machine does between two of a test's words."""

_trials = itertools.count(1)


class Reporter:
    """An agent's words to a real Neutron; `neutron_reporter` says them. Used by one thread at a time."""

    def __init__(self, addresses: Addresses) -> None:
        self._process = subprocess.Popen(
            [PYTHON, "-W", "ignore", Path(__file__).with_name("neutron_reporter.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        # Both were asked for.
        self._stdin, self._stdout = cast(tuple[IO[str], IO[str]], (self._process.stdin, self._process.stdout))
        self._write(addresses.transport_url(addresses.bus_host, addresses.bus_port))

    def say(self, word: str, body: Mapping[str, object]) -> Any:
        """Neutron's answer; an error of the bus or of Neutron is an assertion's."""
        self._write(json.dumps({"word": word, "body": body}))
        answer = json.loads(self._stdout.readline())
        assert "error" not in answer, answer
        return answer["answer"]

    def close(self) -> None:
        """End it."""
        self._stdin.close()
        assert self._process.wait(20) == 0
        self._stdout.close()

    def _write(self, line: str) -> None:
        self._stdin.write(line + "\n")
        self._stdin.flush()


@dataclass
class RealNeutron:
    """One that all tests of this process share."""

    kept: Kept
    reporter: Reporter

    @classmethod
    def start(cls) -> RealNeutron:
        """Returns when it answers an agent: the first words take seconds, which are no agent's silence."""
        kept = Kept.start(ROOT, agent_down_time_s=NEUTRON_DOWN_S)
        reporter = Reporter(kept.addresses)
        reporter.say("report_state", {"agent_state": state_of("nobody")})
        reporter.say("get_devices_details_list", {"devices": ["fa:00:00:00:00:00"], "agent_id": "x", "host": "nobody"})
        return cls(kept, reporter)

    def close(self) -> None:
        """End all of it."""
        self.reporter.close()
        self.kept.close()


class Saying(Protocol):
    """Says a word of the RPC and returns the answer."""

    async def __call__(self, word: str, body: Mapping[str, object]) -> Any:
        """As the embedded control plane's words."""
        ...


@dataclass
class World:
    """A control plane, seen from both sides."""

    plane: ControlPlane
    http: aiohttp.ClientSession
    saying: Saying
    host: str
    """The agent's host; no other story has it."""
    mac: str
    """Of the port that `add_port` makes; no other story has it."""
    down_time_s: int

    async def add_port(self) -> None:
        """A port of the agent's host."""
        await self.plane.add_port(name="port-a", mac=self.mac, host=self.host)

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body of a page."""
        async with self.http.get(f"/v2.0/{path}") as answer:
            return answer.status, await answer.json()

    async def agent(self) -> dict[str, Any] | None:
        """The agent as it is shown."""
        _, body = await self.get(f"agents?host={self.host}")
        return next(iter(body["agents"]), None)

    async def port(self) -> dict[str, Any]:
        """The port as it is shown."""
        _, body = await self.get(f"ports?binding:host_id={self.host}")
        (port,) = body["ports"]
        return dict(port)

    async def beat(self, *, start: bool = False) -> str:
        """A heartbeat; returns what is answered."""
        answer = await self.saying("report_state", {"agent_state": state_of(self.host, start=start)})
        return str(answer["status"])

    async def details(self, *macs: str, host: str = "") -> list[dict[str, Any]]:
        """What an agent is told of devices."""
        who = {"agent_id": "dpm", "host": host or self.host}
        answer = await self.saying("get_devices_details_list", {"devices": list(macs), **who})
        return list(answer)

    async def update(self, *, up: str = "", down: str = "", host: str = "") -> dict[str, Any]:
        """An agent says that a device is up, or down."""
        devices = {"devices_up": [up] if up else [], "devices_down": [down] if down else []}
        who = {"agent_id": "dpm", "host": host or self.host}
        return dict(await self.saying("update_device_list", {**devices, **who}))


def state_of(host: str, *, start: bool = False) -> dict[str, object]:
    """What an agent says of itself."""
    return {
        "host": host,
        "binary": "neutron-dpm-agent",
        "agent_type": "DPM agent",
        "topic": "N/A",
        "configurations": {"adapter_mappings": {"physnet1": ["vswitch-1"]}, "devices": 1},
        "start_flag": start,
    }


@asynccontextmanager
async def embedded_world() -> AsyncIterator[World]:
    """The embedded control plane."""
    plane = EmbeddedControlPlane(ListRecorder(), WallClock(), agent_down_time_s=EMBEDDED_DOWN_S)
    url = await plane.start("127.0.0.1")
    try:
        async with aiohttp.ClientSession(url) as http:

            async def say(word: str, body: Mapping[str, object]) -> Any:
                async with http.post(f"/rpc/{word}", json=body) as answer:
                    assert answer.ok, await answer.text()
                    return await answer.json()

            yield World(plane, http, say, "host-1", "fa:16:3e:00:00:01", EMBEDDED_DOWN_S)
    finally:
        await plane.close()


@asynccontextmanager
async def neutron_world(real: RealNeutron) -> AsyncIterator[World]:
    """A trial's share of the real one, as a scenario has it."""
    plane = NeutronControlPlane(real.kept.addresses, f"127.200.0.{next(_trials)}")
    url = await plane.start()
    try:
        async with aiohttp.ClientSession(url) as http:

            async def say(word: str, body: Mapping[str, object]) -> Any:
                return await asyncio.to_thread(real.reporter.say, word, body)

            host, mac = plane.host_of("host-1"), plane.mac_of("fa:16:3e:00:00:01")
            yield World(plane, http, say, host, mac, NEUTRON_DOWN_S)
    finally:
        await plane.close()

"""What the probe of a control plane makes of its answers: heartbeats by their times, and failed looks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from harness.core.events import AgentSampled, Event, Heartbeat, PortsSampled, ProbeFailed
from harness.observe.clock import WallClock
from harness.observe.probes import NEUTRON_WITHIN_S, NeutronProbe, keep_looking
from tests.engines.recorders import ListRecorder

pytestmark = pytest.mark.contract
PORT = {"name": "nic-1", "status": "ACTIVE", "revision_number": 3}


@dataclass
class Plane:
    """Answers as Neutron does, with what a test puts in."""

    agents: list[dict[str, object]] = field(default_factory=list)
    silent: bool = False
    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if self.silent:
            await asyncio.Event().wait()
        is_agents = request.path.endswith("agents")
        return web.json_response({"agents": self.agents} if is_agents else {"ports": [PORT]})

    def heard_at(self, time: str) -> None:
        self.agents = [{"alive": True, "heartbeat_timestamp": time}]


@contextlib.asynccontextmanager
async def plane() -> AsyncIterator[Plane]:
    made = Plane()
    app = web.Application()
    app.add_routes([web.get("/v2.0/agents", made.answer), web.get("/v2.0/ports", made.answer)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


def kinds(recorder: ListRecorder) -> list[type[Event]]:
    return [type(event) for event in recorder.events]


def test_each_new_time_of_a_heartbeat_is_one_and_only_where_it_is_asked_for() -> None:
    async def story() -> None:
        async with plane() as there, aiohttp.ClientSession() as http:
            told, silent = ListRecorder(), ListRecorder()
            probes = [NeutronProbe(told, there.url, "h", beats=True), NeutronProbe(silent, there.url, "h")]
            for time in ("", "10:00:00.1", "10:00:00.1", "10:00:00.9"):
                if time:
                    there.heard_at(time)
                for probe in probes:
                    await probe.look(http)
            known = [AgentSampled, PortsSampled]
            assert kinds(told) == [PortsSampled, Heartbeat, *known, *known, Heartbeat, *known]
            assert kinds(silent) == [PortsSampled, *known, *known, *known]
            assert all("host=h" in path or "host_id=h" in path for path in there.asked)

    asyncio.run(story())


def test_an_answer_that_comes_late_is_a_failed_look_and_no_missing_heartbeat() -> None:
    async def story() -> None:
        async with plane() as there:
            there.silent = True
            recorder = ListRecorder()
            probe = NeutronProbe(recorder, there.url, "h", beats=True)
            looking = asyncio.create_task(keep_looking(probe, WallClock()))
            try:
                await recorder.until(lambda: bool(recorder.events), 10 * NEUTRON_WITHIN_S)
            finally:
                looking.cancel()
                await asyncio.wait({looking})
            assert kinds(recorder)[:1] == [ProbeFailed]

    asyncio.run(story())

"""The agent's HTTP reporter against the embedded control plane, and against servers that answer nonsense."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest
from aiohttp import web

from agent_under_test.dpm_agent import http_reporter
from agent_under_test.dpm_agent.http_reporter import HttpReporter
from agent_under_test.dpm_agent.reporter import ReporterError
from harness.control_plane.embedded import EmbeddedControlPlane
from harness.core.events import Heartbeat
from tests.control_plane.fakes import HandClock, ListRecorder

pytestmark = pytest.mark.contract

MINE, OTHERS, UNKNOWN = "fa:16:3e:00:00:01", "fa:16:3e:00:00:02", "fa:16:3e:00:00:03"


def test_heartbeats_and_devices_arrive_and_only_own_ports_are_found() -> None:
    async def story() -> None:
        recorder = ListRecorder()
        plane = EmbeddedControlPlane(recorder, HandClock(), agent_down_time_s=75.0)
        url = await plane.start("127.0.0.1")
        try:
            await plane.add_port(name="mine", mac=MINE, host="host-1")
            await plane.add_port(name="others", mac=OTHERS, host="host-2")
            reporter = HttpReporter(url, host="host-1", cpc="CPC1")
            await asyncio.to_thread(reporter.report_state, start=True)
            found = await asyncio.to_thread(reporter.device_details, {MINE, OTHERS, UNKNOWN})
            await asyncio.to_thread(reporter.update_devices, up={MINE}, down={UNKNOWN})
        finally:
            await plane.close()
        assert found == {MINE}
        assert recorder.events == [Heartbeat(source="host-1")]

    asyncio.run(story())


def answered(status: int, text: str, call: Callable[[HttpReporter], object]) -> None:
    """Make a call to a server that answers so."""

    async def story() -> None:
        async def answer(_request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=status, text=text, content_type="application/json")

        runner = web.ServerRunner(web.Server(answer, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            reporter = HttpReporter(f"http://127.0.0.1:{runner.addresses[0][1]}/", host="host-1", cpc="CPC1")
            await asyncio.to_thread(call, reporter)
        finally:
            await runner.cleanup()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (500, "{}", "status 500"),
        (200, "{", "not JSON"),
        (200, "{}", "not those of the devices"),
        (200, '[{"device": "fa:16:3e:00:00:09", "port_id": "x"}]', "not those of the devices"),
        (200, '[{"device": [], "port_id": "x"}]', "not those of the devices"),
    ],
)
def test_nonsense_for_details_is_a_reporter_error(status: int, text: str, words: str) -> None:
    with pytest.raises(ReporterError, match=words):
        answered(status, text, lambda reporter: reporter.device_details({MINE}))


@pytest.mark.parametrize(
    ("text", "words"),
    [("[]", "no JSON object"), (f'{{"failed_devices_up": ["{MINE}"]}}', f"could not set {MINE}")],
)
def test_nonsense_or_a_failed_device_of_an_update_is_a_reporter_error(text: str, words: str) -> None:
    with pytest.raises(ReporterError, match=words):
        answered(200, text, lambda reporter: reporter.update_devices(up={MINE}, down=set()))


def test_a_refused_connection_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        tcp_port = taken.getsockname()[1]
    with pytest.raises(ReporterError, match="connection refused"):
        HttpReporter(f"http://127.0.0.1:{tcp_port}", host="h", cpc="c").report_state(start=True)


def test_a_silent_control_plane_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_reporter, "TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reporter = HttpReporter(f"http://127.0.0.1:{silent.getsockname()[1]}", host="h", cpc="c")
        with pytest.raises(ReporterError, match="timed out"):
            reporter.report_state(start=False)

"""The embedded control plane over real sockets: Neutron's API to read, the agents' words to report."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from harness.control_plane.embedded import EmbeddedControlPlane
from harness.core.events import ComponentCrashed, Heartbeat
from harness.errors import BadInput, HarnessError
from tests.control_plane.fakes import HandClock, ListRecorder

pytestmark = pytest.mark.contract

MAC = "fa:16:3e:00:00:01"
WHO = {"agent_id": "dpm-host-1", "host": "host-1"}
STATE = {"host": "host-1", "binary": "neutron-dpm-agent", "agent_type": "DPM agent", "topic": "N/A", "start_flag": True}


@dataclass
class Rig:
    """A control plane that runs, and a client of it."""

    plane: EmbeddedControlPlane
    recorder: ListRecorder
    clock: HandClock
    http: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.http.get(path) as answer:
            return answer.status, await answer.json()

    async def post(self, word: str, body: object) -> tuple[int, Any]:
        async with self.http.post(f"/rpc/{word}", json=body) as answer:
            return answer.status, await answer.json()


def play(story: Callable[[Rig], Awaitable[None]]) -> None:
    """Run a story against a control plane with one port."""

    async def run() -> None:
        recorder, clock = ListRecorder(), HandClock()
        plane = EmbeddedControlPlane(recorder, clock, agent_down_time_s=75.0)
        url = await plane.start("127.0.0.1")
        try:
            await plane.add_port(name="port-a", mac=MAC, host="host-1")
            async with aiohttp.ClientSession(url) as http:
                await story(Rig(plane, recorder, clock, http))
        finally:
            await plane.close()

    asyncio.run(run())


def test_a_heartbeat_is_recorded_and_makes_the_agent_alive_until_agent_down_time() -> None:
    async def story(rig: Rig) -> None:
        assert await rig.get("/v2.0/agents") == (200, {"agents": []})
        assert await rig.post("report_state", {"agent_state": STATE}) == (200, {"status": "new"})
        assert rig.recorder.events == [Heartbeat(source="host-1")]
        _, body = await rig.get("/v2.0/agents?host=host-1&fields=alive&fields=binary")
        assert body == {"agents": [{"alive": True, "binary": "neutron-dpm-agent"}]}
        rig.clock.t += 75
        _, body = await rig.get("/v2.0/agents?agent_type=DPM+agent&alive=false&fields=host")
        assert body == {"agents": [{"host": "host-1"}]}

    play(story)


def test_a_port_becomes_active_and_down_by_the_agents_words() -> None:
    async def story(rig: Rig) -> None:
        async def status() -> object:
            _, body = await rig.get("/v2.0/ports?binding:host_id=host-1&name=port-a&fields=status")
            return body["ports"][0]["status"]

        seen = [await status()]
        await rig.post("report_state", {"agent_state": STATE})
        _, details = await rig.post("get_devices_details_list", {**WHO, "devices": [MAC, "fa:16:3e:00:00:02"]})
        assert [(d["device"], "port_id" in d) for d in details] == [(MAC, True), ("fa:16:3e:00:00:02", False)]
        seen.append(await status())
        await rig.post("update_device_list", {**WHO, "devices_up": [MAC], "devices_down": []})
        seen.append(await status())
        _, answer = await rig.post("update_device_list", {**WHO, "devices_up": [], "devices_down": [MAC]})
        seen.append(await status())
        assert answer["devices_down"] == [{"device": MAC, "exists": True}]
        assert seen == ["DOWN", "BUILD", "ACTIVE", "DOWN"]

    play(story)


def test_single_agents_and_ports_are_found_by_id() -> None:
    async def story(rig: Rig) -> None:
        await rig.post("report_state", {"agent_state": STATE})
        for kind in ("agent", "port"):
            _, many = await rig.get(f"/v2.0/{kind}s")
            (item,) = many[f"{kind}s"]
            assert await rig.get(f"/v2.0/{kind}s/{item['id']}") == (200, {kind: item})
            assert await rig.get(f"/v2.0/{kind}s/{item['id']}?fields=id") == (200, {kind: {"id": item["id"]}})
            status, error = await rig.get(f"/v2.0/{kind}s/nobody")
            assert (status, error["NeutronError"]["type"]) == (404, f"{kind.title()}NotFound")

    play(story)


def test_the_versions_lead_to_the_api() -> None:
    async def story(rig: Rig) -> None:
        _, body = await rig.get("/")
        (version,) = body["versions"]
        assert (version["id"], version["status"]) == ("v2.0", "CURRENT")
        assert version["links"][0]["href"].endswith("/v2.0/")

    play(story)


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("report_state", []),
        ("report_state", {}),
        ("report_state", {"agent_state": {**STATE, "host": ""}}),
        ("report_state", {"agent_state": {**STATE, "start_flag": "yes"}}),
        ("get_devices_details_list", {**WHO, "devices": ["tap0"]}),
        ("get_devices_details_list", {"devices": []}),
        ("update_device_list", {**WHO, "devices_up": [MAC]}),
    ],
)
def test_bad_reports_are_refused_in_neutrons_form_and_leave_no_heartbeat(word: str, body: object) -> None:
    async def story(rig: Rig) -> None:
        status, answer = await rig.post(word, body)
        assert status == 400
        assert set(answer["NeutronError"]) == {"type", "message", "detail"}
        assert rig.recorder.events == []

    play(story)


def test_bad_filters_bodies_paths_and_methods_are_refused_in_neutrons_form() -> None:
    async def story(rig: Rig) -> None:
        async with rig.http.post("/rpc/report_state", data=b"{") as answer:
            broken = answer.status, await answer.json()
        wrong = [
            await rig.get("/v2.0/ports?colour=red"),
            broken,
            await rig.get("/v2.0/routers"),
            await rig.get("/rpc/report_state"),
        ]
        assert [status for status, _ in wrong] == [400, 400, 404, 405]
        assert all("message" in body["NeutronError"] for _, body in wrong)

    play(story)


def test_a_defect_of_the_control_plane_is_recorded_so_that_the_trial_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object, **_kwargs: object) -> str:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("harness.control_plane.state.State.report", broken)

    async def story(rig: Rig) -> None:
        status, _ = await rig.post("report_state", {"agent_state": STATE})
        assert status == 500
        assert rig.recorder.events == [
            ComponentCrashed(component="control plane", error="POST /rpc/report_state: ZeroDivisionError: a defect")
        ]

    play(story)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "example.org", ""])  # noqa: S104 - what must be refused
def test_it_listens_on_loopback_only(host: str) -> None:
    plane = EmbeddedControlPlane(ListRecorder(), HandClock(), agent_down_time_s=75.0)
    with pytest.raises(BadInput, match="loopback"):
        asyncio.run(plane.start(host))


def test_each_loopback_address_will_do_and_after_closing_nothing_listens() -> None:
    async def run() -> tuple[str, int]:
        plane = EmbeddedControlPlane(ListRecorder(), HandClock(), agent_down_time_s=75.0)
        url = await plane.start("127.8.9.10")
        with pytest.raises(HarnessError, match="runs already"):
            await plane.start("127.8.9.10")
        await plane.close()
        await plane.close()
        host, _, number = url.removeprefix("http://").partition(":")
        return host, int(number)

    address = asyncio.run(run())
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(address)

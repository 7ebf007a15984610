"""The embedded control plane and a real Neutron tell one story, so that a verdict does not depend on which it was."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.contract.plane_world import RealNeutron, World, embedded_world, neutron_world

pytestmark = pytest.mark.contract

Story = Callable[[World], Awaitable[None]]
Play = Callable[[Story], None]

MORE_S = 20.0
"""How much later than agent_down_time an agent may be shown dead on a busy machine."""

UNKNOWN_MAC = "fa:16:3e:99:99:99"


@pytest.fixture(params=["embedded", pytest.param("neutron", marks=pytest.mark.neutron)])
def play(request: pytest.FixtureRequest) -> Play:
    """Plays a story on one of the two."""
    real: RealNeutron | None = request.getfixturevalue("neutron") if request.param == "neutron" else None

    def playing(story: Story) -> None:
        async def run() -> None:
            async with embedded_world() if real is None else neutron_world(real) as world:
                await story(world)

        asyncio.run(run())

    return playing


FORMS = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "agent's time": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"),
    "port's time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "MAC": re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"),
}

AGENT = {
    "id": "uuid",
    "agent_type": "str",
    "binary": "str",
    "host": "str",
    "topic": "str",
    "alive": "bool",
    "admin_state_up": "bool",
    "availability_zone": "NoneType",
    "description": "NoneType",
    "created_at": "agent's time",
    "started_at": "agent's time",
    "heartbeat_timestamp": "agent's time",
    "configurations": "dict",
    "resources_synced": "NoneType",
}
PORT = {
    "id": "uuid",
    "name": "str",
    "description": "str",
    "mac_address": "MAC",
    "status": "str",
    "admin_state_up": "bool",
    "binding:host_id": "str",
    "binding:vif_type": "str",
    "binding:vnic_type": "str",
    "binding:profile": "dict",
    "binding:vif_details": "dict",
    "device_id": "str",
    "device_owner": "str",
    "network_id": "uuid",
    "fixed_ips": "list",
    "extra_dhcp_opts": "list",
    "tags": "list",
    "project_id": "str",
    "tenant_id": "str",
    "created_at": "port's time",
    "updated_at": "port's time",
    "revision_number": "int",
}


def form(value: object) -> str:
    """The type of a value; of a text the form that it has, if it has one."""
    if isinstance(value, str):
        return next((name for name, pattern in FORMS.items() if pattern.fullmatch(value)), "str")
    return type(value).__name__


def forms(view: dict[str, Any]) -> dict[str, str]:
    return {name: form(value) for name, value in view.items()}


def test_a_heartbeat_makes_the_agent_known_by_the_same_attributes(play: Play) -> None:
    async def story(world: World) -> None:
        assert await world.agent() is None
        assert await world.beat(start=True) == "new"
        agent = await world.agent()
        assert agent is not None
        assert forms(agent) == AGENT
        says = {"host": world.host, "binary": "neutron-dpm-agent", "agent_type": "DPM agent", "topic": "N/A"}
        assert says.items() <= agent.items()
        assert agent["alive"]
        assert agent["admin_state_up"]
        assert agent["configurations"] == {"adapter_mappings": {"physnet1": ["vswitch-1"]}, "devices": 1}

    play(story)


def test_a_new_port_is_down_and_shown_by_the_same_attributes(play: Play) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        port = await world.port()
        assert forms(port) == PORT
        assert port["created_at"] <= port["updated_at"]
        shown = {
            "name": "port-a",
            "description": "",
            "mac_address": world.mac,
            "status": "DOWN",
            "admin_state_up": True,
            "binding:host_id": world.host,
            "binding:vif_type": "dpm_vswitch",
            "binding:vnic_type": "normal",
            "binding:profile": {},
            "device_owner": "compute:nova",
            "extra_dhcp_opts": [],
            "tags": [],
            "revision_number": 3,
        }
        assert {name: port[name] for name in shown} == shown

    play(story)


async def until(world: World, *, alive: bool) -> None:
    deadline = time.monotonic() + world.down_time_s + MORE_S
    while (await world.agent() or {})["alive"] is not alive:
        assert time.monotonic() < deadline, f"alive did not become {alive}"
        await asyncio.sleep(0.05)  # the pace of looking, not a time that anything is given


def test_an_agent_that_falls_silent_is_dead_after_agent_down_time_and_revived_by_a_heartbeat(play: Play) -> None:
    async def story(world: World) -> None:
        assert await world.beat(start=True) == "new"
        assert await world.beat() == "alive"
        said = time.monotonic()
        await until(world, alive=False)
        # The heartbeat's time is taken before its answer is here.
        assert time.monotonic() - said > world.down_time_s - 1.0
        assert await world.beat() == "revived"
        await until(world, alive=True)
        assert await world.beat() == "alive"

    play(story)


def test_the_times_of_creation_start_and_heartbeat_are_told_apart(play: Play) -> None:
    async def story(world: World) -> None:
        seen = []
        for start in (True, True, False):
            await world.beat(start=start)
            seen.append(await world.agent() or {})
        first, again, last = seen
        assert first["created_at"] == first["started_at"] == first["heartbeat_timestamp"]
        assert first["created_at"] == again["created_at"] == last["created_at"]
        assert first["started_at"] < again["started_at"] == last["started_at"]
        assert again["heartbeat_timestamp"] < last["heartbeat_timestamp"]

    play(story)


def test_a_port_is_moved_by_its_agents_words_and_its_revision_counts_what_changed(play: Play) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        first = (await world.port())["revision_number"]
        seen = []

        async def look() -> None:
            port = await world.port()
            seen.append((port["status"], port["revision_number"] - first))

        await world.details(world.mac)
        await look()
        for up in (world.mac, ""):
            for _ in ("says it", "says it again"):
                await world.update(up=up, down="" if up else world.mac)
                await look()
        await world.update(up=world.mac)
        await look()
        await world.details(world.mac)
        await look()
        assert seen == [
            ("BUILD", 1),
            ("ACTIVE", 2),
            ("ACTIVE", 2),
            ("DOWN", 3),
            ("DOWN", 3),
            ("ACTIVE", 4),
            ("BUILD", 5),  # an ACTIVE port, too: so an agent's restart makes it flap
        ]

    play(story)


def test_an_agent_is_told_enough_of_its_device_and_nothing_of_unknown_ones(play: Play) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        mine, unknown, shouted = await world.details(world.mac, UNKNOWN_MAC, world.mac.upper())
        port = await world.port()
        told = {
            "device": world.mac,
            "port_id": port["id"],
            "network_id": port["network_id"],
            "mac_address": world.mac,
            "admin_state_up": True,
        }
        assert told.items() <= mine.items()
        assert unknown == {"device": UNKNOWN_MAC}
        assert shouted == {"device": world.mac.upper()}
        answers = await world.update(up=UNKNOWN_MAC), await world.update(down=UNKNOWN_MAC)
        nothing: dict[str, list[object]] = {
            name: [] for name in ("devices_up", "failed_devices_up", "devices_down", "failed_devices_down")
        }
        assert answers == (
            {**nothing, "devices_up": [UNKNOWN_MAC]},
            {**nothing, "devices_down": [{"device": UNKNOWN_MAC, "exists": True}]},
        )
        assert (await world.port())["status"] == "BUILD"

    play(story)


def test_another_hosts_agent_moves_nothing(play: Play) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        other = f"{world.host}-other"

        async def look() -> tuple[str, int]:
            port = await world.port()
            return port["status"], port["revision_number"]

        before = await look()
        assert await world.details(world.mac, host=other) == [{"device": world.mac, "no_active_binding": True}]
        assert (await world.update(up=world.mac, host=other))["devices_up"] == [world.mac]
        assert await look() == before
        await world.details(world.mac)
        await world.update(up=world.mac)
        active = await look()
        gone = await world.update(down=world.mac, host=other)
        assert gone["devices_down"] == [{"device": world.mac, "exists": True}]
        assert await look() == active == ("ACTIVE", before[1] + 2)

    play(story)


def test_a_port_that_was_there_before_its_agent_is_bound_when_the_agent_asks_for_it(play: Play) -> None:
    async def story(world: World) -> None:
        await world.add_port()
        seen = []

        async def look() -> None:
            port = await world.port()
            seen.append((port["binding:vif_type"], port["status"], port["revision_number"]))

        await look()
        assert await world.details(world.mac) == [{"device": world.mac}]
        await look()
        await world.update(up=world.mac)
        await look()
        await world.beat(start=True)
        await look()
        (details,) = await world.details(world.mac)
        await look()
        assert "port_id" in details
        assert seen == [
            ("binding_failed", "DOWN", 3),
            ("binding_failed", "DOWN", 4),
            ("binding_failed", "DOWN", 4),
            ("binding_failed", "DOWN", 4),
            ("dpm_vswitch", "BUILD", 7),
        ]

    play(story)


@pytest.mark.parametrize(
    ("what", "attributes"),
    [
        ("agents", "id host binary agent_type topic alive admin_state_up"),
        ("ports", "id name mac_address status admin_state_up binding:host_id device_id device_owner network_id"),
        ("ports", "project_id description revision_number"),
    ],
)
def test_lists_are_filtered_by_value(play: Play, what: str, attributes: str) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        view = (await world.port()) if what == "ports" else (await world.agent() or {})
        for name in attributes.split():
            own = "binding:host_id" if what == "ports" else "host"
            query = {own: world.host, name: str(view[name])}
            other = {**query, name: "false" if isinstance(view[name], bool) else "4711"}
            found = []
            for asked in (query, other):
                async with world.http.get(f"/v2.0/{what}", params=asked) as answer:
                    assert answer.status == 200, await answer.text()
                    found.append([item["id"] for item in (await answer.json())[what]])
            assert found == [[view["id"]], []], name

    play(story)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("agents?colour=red", 400, "HTTPBadRequest"),
        ("ports?colour=red", 400, "HTTPBadRequest"),
        *((f"agents?{name}=x", 400, "HTTPBadRequest") for name in ("configurations", "heartbeat_timestamp")),
        *((f"agents?{name}=x", 400, "HTTPBadRequest") for name in ("created_at", "started_at", "resources_synced")),
        *((f"ports?binding:{name}=x", 400, "HTTPBadRequest") for name in ("vif_type", "vif_details", "profile")),
        *((f"ports?{name}=x", 400, "HTTPBadRequest") for name in ("created_at", "extra_dhcp_opts")),
        ("agents?alive=perhaps", 400, "InvalidInput"),
        ("ports?admin_state_up=perhaps", 400, "InvalidInput"),
        ("agents/nobody", 404, "AgentNotFound"),
        ("ports/nobody", 404, "PortNotFound"),
        ("ports/00000000-0000-4000-8000-000000000000", 404, "PortNotFound"),
        ("zebras", 404, "HTTPNotFound"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_neutrons_form(play: Play, path: str, status: int, kind: str) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        got, body = await world.get(path)
        assert (got, body["NeutronError"]["type"]) == (status, kind), body
        assert set(body["NeutronError"]) == {"type", "message", "detail"}

    play(story)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("mac_address={shouted}", True),
        ("status=DOWN&status=ACTIVE", True),
        ("status=down", False),
        ("status=ACTIVE&status=BUILD", False),
        ("name=port-a&status=BUILD", False),
        ("admin_state_up=YES", True),
        ("tags=x", False),
    ],
)
def test_filters_mean_or_within_a_name_and_and_between_names(play: Play, query: str, found: bool) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        asked = query.format(shouted=world.mac.upper().replace(":", "-"))
        _, body = await world.get(f"ports?binding:host_id={world.host}&fields=name&{asked}")
        assert body == {"ports": [{"name": "port-a"}] if found else []}

    play(story)


def test_fields_pick_what_is_shown_and_unknown_ones_show_nothing(play: Play) -> None:
    async def story(world: World) -> None:
        await world.beat(start=True)
        await world.add_port()
        port, agent = await world.port(), await world.agent() or {}
        for fields, shown in (("id", ["id"]), ("status,name", ["name", "status"]), ("colour,id", ["id"])):
            asked = "&".join(f"fields={name}" for name in fields.split(","))
            _, body = await world.get(f"ports/{port['id']}?{asked}")
            assert body == {"port": {name: port[name] for name in shown}}
        assert await world.get(f"ports?binding:host_id={world.host}&fields=colour") == (200, {"ports": [{}]})
        _, body = await world.get(f"agents/{agent['id']}?fields=alive")
        assert body == {"agent": {"alive": True}}

    play(story)

"""Agents and ports as Neutron's ML2 plugin keeps them, without I/O.

A port's life, as ML2 has it: DOWN when created; BUILD each time its agent asks for its details, ACTIVE ports too
(that is why an agent's restart makes its ports flap); ACTIVE when the agent says up; DOWN when it says down. Only
the agent on the port's own host moves it. A port is bound while that agent is alive: when it is created, or else when
its details are asked for; before that it has no details, and nobody moves it.

`tests/contract/test_control_planes.py` holds this and a real Neutron to one story.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from harness.core.interfaces import Clock

_NAMESPACE = uuid.UUID("6f6e2f0c-3c1b-4d0e-9b57-6d2f0a1c5f11")
"""Ids are derived from names in this namespace, so that the same trial has the same ids each time."""

_AGENT_TIME, _PORT_TIME = "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%SZ"
"""Neutron writes the times of agents and ports in different forms."""


AGENT_FIELDS = frozenset(
    [
        "id",
        "agent_type",
        "binary",
        "host",
        "topic",
        "alive",
        "admin_state_up",
        "availability_zone",
        "description",
        "created_at",
        "started_at",
        "heartbeat_timestamp",
        "configurations",
        "resources_synced",
    ]
)
"""Attributes of an agent in Neutron's API."""

AGENT_FILTERS = AGENT_FIELDS - {"created_at", "started_at", "heartbeat_timestamp", "configurations", "resources_synced"}
"""Those that a list can be filtered by."""

PORT_FIELDS = frozenset(
    [
        "id",
        "name",
        "description",
        "mac_address",
        "status",
        "admin_state_up",
        "binding:host_id",
        "binding:vif_type",
        "binding:vnic_type",
        "binding:profile",
        "binding:vif_details",
        "device_id",
        "device_owner",
        "network_id",
        "fixed_ips",
        "extra_dhcp_opts",
        "tags",
        "project_id",
        "tenant_id",
        "created_at",
        "updated_at",
        "revision_number",
    ]
)
"""Attributes of a port in Neutron's API; ML2 shows more where its extension drivers are loaded."""

PORT_FILTERS = PORT_FIELDS - {
    "binding:vif_type",
    "binding:vnic_type",
    "binding:profile",
    "binding:vif_details",
    "extra_dhcp_opts",
    "fixed_ips",
    "created_at",
    "updated_at",
}
"""Those that a list can be filtered by."""

AGENT_TYPE = "DPM agent"
"""The one that networking-dpm's mechanism driver binds ports by."""


class PortStatus(StrEnum):
    """Neutron's status of a port."""

    DOWN = "DOWN"
    BUILD = "BUILD"
    ACTIVE = "ACTIVE"


@dataclass(slots=True, kw_only=True)
class Agent:
    """What an agent last said of itself; the times are of the trial's clock."""

    binary: str
    host: str
    agent_type: str
    topic: str
    configurations: Mapping[str, object]
    created_at: float
    started_at: float
    heartbeat_at: float

    @property
    def id(self) -> str:
        """Neutron knows an agent by its type and host."""
        return str(uuid.uuid5(_NAMESPACE, f"agent {self.agent_type} {self.host}"))


@dataclass(slots=True, kw_only=True)
class Port:
    """A Neutron port."""

    name: str
    mac: str
    host: str
    created_at: float
    updated_at: float
    status: PortStatus = PortStatus.DOWN
    bound: bool = False
    revision: int = 2
    """Neutron has counted the creation and its first look at the binding, which is the next, by then."""

    @property
    def id(self) -> str:
        """Derived from the name, which is unique in a trial."""
        return str(uuid.uuid5(_NAMESPACE, f"port {self.name}"))


@dataclass(slots=True)
class State:
    """Everything that the control plane knows."""

    clock: Clock
    agent_down_time_s: float
    agents: dict[tuple[str, str], Agent] = field(default_factory=dict)
    ports: dict[str, Port] = field(default_factory=dict)
    _stamp: Callable[[float], datetime] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Tie the trial's clock, whose zero means nothing, to the calendar once."""
        zero, now = self.clock.now(), datetime.now(UTC)
        self._stamp = lambda t: now + timedelta(seconds=t - zero)

    # What the harness changes.

    def add_port(self, *, name: str, mac: str, host: str) -> None:
        """A new port, DOWN. The same port again changes nothing.

        Raises:
            ValueError: another port has this name or MAC address.
        """
        mac = normal_mac(mac)
        if name in self.ports:
            port = self.ports[name]
            if (port.mac, port.host) != (mac, host):
                raise ValueError(f"port {name!r} exists with MAC {port.mac} on {port.host}; remove it first")
            return
        if self.port_of(mac) is not None:
            raise ValueError(f"port {name!r}: the MAC address {mac} is another port's; give each port its own")
        now = self.clock.now()
        self.ports[name] = Port(name=name, mac=mac, host=host, created_at=now, updated_at=now)
        self._bind(self.ports[name])

    def remove_port(self, name: str) -> None:
        """Afterwards there is no port of this name."""
        self.ports.pop(name, None)

    # What agents say.

    def report(
        self, *, binary: str, host: str, agent_type: str, topic: str, configurations: Mapping[str, object], start: bool
    ) -> str:
        """A heartbeat; returns what Neutron answers: ``new``, ``alive`` or ``revived``."""
        now, key = self.clock.now(), (agent_type, host)
        known = self.agents.get(key)
        answer = "new" if known is None else "alive" if self.is_alive(known) else "revived"
        self.agents[key] = Agent(
            binary=binary,
            host=host,
            agent_type=agent_type,
            topic=topic,
            configurations=configurations,
            created_at=known.created_at if known else now,
            started_at=known.started_at if known and not start else now,
            heartbeat_at=now,
        )
        return answer

    def details(self, mac: str, host: str) -> dict[str, object]:
        """What an agent is told of a device; the port is BUILD afterwards."""
        port = self.port_of(mac)
        if port is None:
            return {"device": mac}
        if not port.bound and self._bind(port):
            self._touch(port)  # Neutron counts an attempt, and a late success once more
        if not port.bound:
            return {"device": mac}
        if port.host != host:
            return {"device": mac, "no_active_binding": True}
        self._move(port, PortStatus.BUILD)
        return {
            "device": mac,
            "port_id": port.id,
            "network_id": network_id(),
            "mac_address": port.mac,
            "admin_state_up": True,
        }

    def move(self, mac: str, host: str, status: PortStatus) -> None:
        """An agent says up or down. Another host's port, and one that is not bound, stays as it is."""
        port = self.port_of(mac)
        if port is not None and port.host == host and port.bound:
            self._move(port, status)

    # Questions.

    def is_alive(self, agent: Agent) -> bool:
        """Whether the last heartbeat is younger than agent_down_time."""
        return self.clock.now() - agent.heartbeat_at < self.agent_down_time_s

    def port_of(self, mac: str) -> Port | None:
        """The port with this MAC address, in Neutron's form: lower case, colons."""
        return next((port for port in self.ports.values() if port.mac == mac), None)

    def agent_view(self, agent: Agent) -> dict[str, object]:
        """An agent as Neutron's API shows it."""
        return {
            "id": agent.id,
            "agent_type": agent.agent_type,
            "binary": agent.binary,
            "host": agent.host,
            "topic": agent.topic,
            "alive": self.is_alive(agent),
            "admin_state_up": True,
            "availability_zone": None,
            "description": None,
            "created_at": self._stamp(agent.created_at).strftime(_AGENT_TIME),
            "started_at": self._stamp(agent.started_at).strftime(_AGENT_TIME),
            "heartbeat_timestamp": self._stamp(agent.heartbeat_at).strftime(_AGENT_TIME),
            "configurations": dict(agent.configurations),
            "resources_synced": None,
        }

    def port_view(self, port: Port) -> dict[str, object]:
        """A port as Neutron's API shows it."""
        return {
            "id": port.id,
            "name": port.name,
            "description": "",
            "mac_address": port.mac,
            "status": port.status.value,
            "admin_state_up": True,
            "binding:host_id": port.host,
            "binding:vif_type": "dpm_vswitch" if port.bound else "binding_failed",
            "binding:vnic_type": "normal",
            "binding:profile": {},
            "binding:vif_details": {},
            "device_id": "",
            "device_owner": "compute:nova",
            "network_id": network_id(),
            "fixed_ips": [],
            "extra_dhcp_opts": [],
            "tags": [],
            "project_id": "",
            "tenant_id": "",
            "created_at": self._stamp(port.created_at).strftime(_PORT_TIME),
            "updated_at": self._stamp(port.updated_at).strftime(_PORT_TIME),
            "revision_number": port.revision,
        }

    def _bind(self, port: Port) -> bool:
        """Bind it if its agent is alive; returns whether it is. Neutron counts the attempt, too."""
        agent = self.agents.get((AGENT_TYPE, port.host))
        port.bound = agent is not None and self.is_alive(agent)
        self._touch(port)
        return port.bound

    def _move(self, port: Port, status: PortStatus) -> None:
        if port.status is not status:
            port.status = status
            self._touch(port)

    def _touch(self, port: Port) -> None:
        port.updated_at = self.clock.now()
        port.revision += 1


def network_id() -> str:
    """All ports of a trial are in one network."""
    return str(uuid.uuid5(_NAMESPACE, "network"))


def normal_mac(mac: str) -> str:
    """A MAC address as Neutron writes it: lower case, colons."""
    return mac.lower().replace("-", ":")

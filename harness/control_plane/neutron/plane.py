"""One trial's view of a real Neutron: a network of its own, ports in it, and names that no other trial has.

Several trials share one Neutron, in which an agent's host and a port's MAC address have to be unique: the trial's
address, 127.x.y.z, makes them so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from harness.control_plane.neutron.addresses import Addresses
from harness.control_plane.neutron.settings import PHYSICAL_NETWORK
from harness.errors import EngineFailed

SUBNET = "10.0.0.0/16"
"""Every trial's network has it; nothing is ever sent there."""

ANSWER_S = 20.0
"""Neutron's answers take some 50 ms; a busy machine's take longer."""


@dataclass(slots=True)
class NeutronControlPlane:
    """Creates and deletes what a trial needs in Neutron; `close` leaves nothing of it there."""

    addresses: Addresses
    trial: str
    """The trial's address, 127.x.y.z."""
    _http: aiohttp.ClientSession | None = None
    _network: str = ""
    _ports: dict[str, str] = field(default_factory=dict)
    _hosts: set[str] = field(default_factory=set)

    def host_of(self, host: str) -> str:
        """The name of an agent's host in this trial."""
        return f"{host}-{'-'.join(self.trial.split('.')[1:])}"

    def mac_of(self, mac: str) -> str:
        """A port's MAC address in this trial; its last two bytes stay."""
        _, *middle = (int(number) for number in self.trial.split("."))
        return ":".join(["fa", *(f"{number:02x}" for number in middle), *mac.lower().replace("-", ":").split(":")[4:]])

    async def start(self) -> str:
        """Make the trial's network; returns the API's URL.

        Raises:
            EngineFailed: Neutron does not answer, or says no.
        """
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S), trust_env=False)
        wanted = {
            "name": self.trial,
            "provider:network_type": "vlan",
            "provider:physical_network": PHYSICAL_NETWORK,
        }
        self._network = await self._create("network", wanted)
        # Neutron binds no port without an IP address for networking-dpm's driver, which does not say that it could.
        subnet = {"network_id": self._network, "ip_version": 4, "cidr": SUBNET, "enable_dhcp": False}
        await self._create("subnet", subnet)
        return self.addresses.api_url

    async def add_port(self, *, name: str, mac: str, host: str) -> None:
        """Create a port, DOWN, bound to this agent's host, as Nova does for an instance. Once is enough.

        Raises:
            EngineFailed: Neutron does not answer, or says no.
        """
        if name in self._ports:
            return
        self._hosts.add(host)
        wanted = {
            "name": name,
            "network_id": self._network,
            "mac_address": mac,
            "binding:host_id": host,
            "device_owner": "compute:nova",
        }
        self._ports[name] = await self._create("port", wanted)

    async def remove_port(self, name: str) -> None:
        """Afterwards there is no port of this name.

        Raises:
            EngineFailed: Neutron does not answer, or says no.
        """
        port = self._ports.pop(name, None)
        if port is not None:
            await self._ask("DELETE", f"ports/{port}")

    async def close(self) -> None:
        """Delete the ports and the network. Idempotent.

        Raises:
            EngineFailed: something is left.
        """
        if self._http is None:
            return
        try:
            for name in list(self._ports):
                await self.remove_port(name)
            if self._network:
                await self._ask("DELETE", f"networks/{self._network}")
            await self._forget_agents()
        finally:
            await self._http.close()
            self._http = None

    async def _forget_agents(self) -> None:
        """Neutron keeps an agent that was heard of once, for ever."""
        for host in self._hosts:
            for agent in (await self._ask("GET", f"agents?host={host}"))["agents"]:
                await self._ask("DELETE", f"agents/{agent['id']}")

    async def _create(self, kind: str, wanted: Mapping[str, object]) -> str:
        answer = await self._ask("POST", f"{kind}s", {kind: wanted})
        return str(answer[kind]["id"])

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        if self._http is None:
            raise EngineFailed("the trial's control plane was not started, or is closed")
        try:
            async with self._http.request(method, f"{self.addresses.api_url}/v2.0/{path}", json=body) as answer:
                text = await answer.text()
                if not answer.ok:
                    raise EngineFailed(f"Neutron, {method} {path}: status {answer.status}: {text[:500]}")
                return dict(await answer.json()) if text else {}
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineFailed(f"Neutron, {method} {path}: {type(error).__name__}: {error}") from error

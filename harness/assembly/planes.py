"""The control plane of a trial: the embedded one, or a share of a real Neutron."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from harness.assembly.pace import Pace
from harness.assembly.project import BUS
from harness.assembly.worker import Worker
from harness.control_plane.embedded import EmbeddedControlPlane
from harness.control_plane.neutron import BUS_PORT, NeutronControlPlane, Turn, Wishes
from harness.core.commands import Channel
from harness.core.interfaces import ControlPlane, Recorder
from harness.core.profile import PlaneKind, Profile
from harness.core.scenario import Scenario
from harness.engines.relay import Relay
from harness.engines.warp.roll import Roll
from harness.errors import BadInput

AtTheEnd = Callable[[str, Callable[[], Awaitable[None]]], None]
"""Closes something, by its name, when the trial is over."""


def _same(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a trial's agent reports, and what its names are there."""

    plane: ControlPlane | None = None
    kind: PlaneKind | None = None
    url: str = ""
    transport_url: str = field(default="", repr=False)
    bus: Relay | None = None
    """The relay on the way to a real Neutron's message bus."""
    turn: Turn | None = None
    """This trial's turn on a real Neutron."""
    host_of: Callable[[str], str] = _same
    """The name of an agent's host in this trial."""
    mac_of: Callable[[str], str] = _same
    """A port's MAC address in this trial."""

    def overrides(self, profile: Profile, given: Mapping[str, str]) -> Mapping[str, str]:
        """A scenario's settings for this profile, with the host's name as it is in this trial.

        Raises:
            BadInput: the profile's host has no setting, so that two trials would have the same.
        """
        if self.host_of is _same or profile.ports is None:
            return given
        if not profile.host_settings:
            raise BadInput(
                f"profile {profile.name}: ports: {profile.ports!r} names no setting, but each trial on a real Neutron"
                " needs a host of its own; write a setting, as in {host}"
            )
        last = profile.host_settings[-1]
        return {**given, last: self.host_of(given.get(last, profile.settings[last]))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """Makes the control plane of one trial."""

    worker: Worker
    scenario: Scenario
    pace: Pace
    recorder: Recorder
    seed: int
    host: str
    """The trial's address."""
    at_the_end: AtTheEnd
    roll: Roll | None = None
    """In which Neutron's processes have to enter themselves, where they are warped."""

    async def place_of(self, profile: Profile) -> Place:
        """Start what the trial's agent reports to; nothing where it reports to nobody.

        Raises:
            EngineFailed: it cannot be started; says what to do.
        """
        match profile.reports_to:
            case PlaneKind.EMBEDDED:
                return await self._embedded()
            case PlaneKind.NEUTRON:
                return await self._neutron()
            case None:
                return Place()

    async def _embedded(self) -> Place:
        down_time_s = self.scenario.agent_down_time_s
        plane = EmbeddedControlPlane(self.recorder, self.pace.clock(), agent_down_time_s=down_time_s)
        self.at_the_end("the control plane", plane.close)
        return Place(plane=plane, kind=PlaneKind.EMBEDDED, url=await plane.start(self.host))

    async def _neutron(self) -> Place:
        turn = await self.worker.neutron(self._wishes(), alone=BUS in self.scenario.needs)
        self.at_the_end("the turn on Neutron", turn.release)
        addresses = turn.addresses
        self.recorder.hide(addresses.bus_password, "bus password")
        plane = NeutronControlPlane(addresses, self.host)
        self.at_the_end("the control plane", plane.close)
        url = await plane.start()
        bus = Relay(self.recorder, self.pace.clock(), seed=self.seed, channel=Channel.BUS)
        self.at_the_end("the relay of the message bus", bus.close)
        await bus.listen(self.host, BUS_PORT)
        bus.connect_to(addresses.bus_host, addresses.bus_port)
        return Place(
            plane=plane,
            kind=PlaneKind.NEUTRON,
            url=url,
            transport_url=addresses.transport_url(self.host, BUS_PORT),
            bus=bus,
            turn=turn,
            host_of=plane.host_of,
            mac_of=plane.mac_of,
        )

    def _wishes(self) -> Wishes:
        return Wishes(
            # Neutron counts in whole seconds; `Project.unfit` has seen to it that they are.
            agent_down_time_s=int(self.scenario.agent_down_time_s),
            speed=self.pace.factor,
            environment={**self.pace.environment({}), **(self.roll.environment if self.roll else {})},
        )

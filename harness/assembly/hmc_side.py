"""The mock HMC and the history: what it sees becomes events, and changes behind the agent's back are carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from harness.core.commands import (
    AddNic,
    Address,
    Command,
    ConsoleCommand,
    ExpireSessions,
    ForgetJobs,
    RemoveNic,
    SetPartitionStatus,
    WriteLogEntry,
)
from harness.core.events import ComponentCrashed, NicChanged, RequestAnswered, RequestArrived, SessionChanged
from harness.core.interfaces import ControlPlane, Recorder
from harness.errors import EngineFailed, HarnessError
from harness.hmc import MockHmc
from harness.hmc.changes import LogKind

ENTRY_ID = 1900
"""Event id of log entries that a change writes."""


async def _nothing_due() -> None:
    """What there is to do before the runner is there."""


def _as_it_is(mac: str) -> str:
    return mac


@dataclass(slots=True)
class Witness:
    """Observes the mock HMC. Every program has an HMC user of its own, which tells whose a request is."""

    recorder: Recorder
    programs: Mapping[str, str]
    """Program by HMC user."""
    factor: float = 1.0
    """The trial's seconds in one of the mock HMC's, which knows the wall's only."""
    address: Address = Address.FIRST
    """Which HMC it observes."""
    caught_up: Callable[[], Awaitable[None]] = field(default=_nothing_due)
    """Lets what a request triggers come into force before the request is carried out."""

    async def on_request(  # a history tells paths only: what stands in a query is no one's business there
        self,
        number: int,
        method: str,
        path: str,
        user: str,
        query: str,  # noqa: ARG002 - the form of HmcObserver
    ) -> None:
        """A request was read; it is carried out after this."""
        who = self._who(user)
        event = RequestArrived(request=number, method=method, path=path, who=who, address=self.address)
        self.recorder.record(event)
        await self.caught_up()

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        """A request was answered."""
        event = RequestAnswered(request=number, status=status, reason=reason, seconds=seconds * self.factor)
        self.recorder.record(event)

    def on_session(self, user: str, what: str) -> None:
        """A logon, a logoff, or a session that is unknown."""
        self.recorder.record(SessionChanged(who=self._who(user), what=what))

    def on_secret(self, text: str, name: str) -> None:
        """A text that must not be recorded."""
        self.recorder.hide(text, name)

    def on_crash(self, component: str, error: str) -> None:
        """The mock HMC failed."""
        self.recorder.record(ComponentCrashed(component=component, error=error))

    def _who(self, user: str) -> str:
        return self.programs.get(user, "")


@dataclass(slots=True)
class HmcEngine:
    """Carries out what somebody else does on the HMC. These are facts: nothing heals them."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({
        RemoveNic, AddNic, ExpireSessions, ForgetJobs, SetPartitionStatus, WriteLogEntry,
    })  # fmt: skip

    hmc: MockHmc
    recorder: Recorder
    control_plane: ControlPlane | None
    host: str | None
    """The host name under which the agent owns NICs; None if it owns none."""
    new_mac: Callable[[str], str] = field(default=_as_it_is)
    """What a scenario's MAC address is in this trial."""
    alternate: MockHmc | None = None
    """The alternate HMC, where there is one."""

    async def announce(self) -> None:
        """Make the Neutron ports of the NICs that are there from the begin."""
        if self.host is not None:
            for nic in self.hmc.owned_nics(self.host):
                await self._appeared(nic.name, nic.mac, self.host)

    async def begin(self, step: int, command: Command) -> None:  # noqa: ARG002 - a fact has no scope
        """Change the HMC.

        Raises:
            EngineFailed: there is no such partition or NIC.
        """
        try:
            await self._change(command)
        except (HarnessError, LookupError) as error:
            raise EngineFailed(f"the HMC cannot be changed: {error}") from error

    async def heal(self, step: int) -> None:
        """Nothing: a fact stays."""

    async def _change(self, command: Command) -> None:
        match command:
            case RemoveNic(partition=partition, nic=nic):
                self.hmc.remove_nic(partition, nic)
                self.recorder.record(NicChanged(port=nic, present=False))
            case AddNic(partition=partition, nic=nic, mac=mac):
                # Neutron's port is there before its NIC, as in a real cloud: Nova creates the NIC for a port.
                host = self._owner()
                mac = self.new_mac(mac)
                await self._appeared(nic, mac, host)
                self.hmc.add_nic(partition, nic, mac, host)
            case SetPartitionStatus(partition=partition, status=status):
                self.hmc.by_hand(lambda console: console.model.set_partition_status(partition, status))
            case WriteLogEntry(text=text):
                self.hmc.by_hand(lambda console: console.logs.add(LogKind.AUDIT, ENTRY_ID, "somebody-else", text))
            case ExpireSessions():
                for hmc in self._meant(command):
                    hmc.expire_sessions()
            case ForgetJobs():
                for hmc in self._meant(command):
                    hmc.forget_jobs()
            case _:
                raise EngineFailed(f"the HMC does not know {type(command).__name__}")

    def _meant(self, command: ConsoleCommand) -> list[MockHmc]:
        if command.address is Address.FIRST:
            return [self.hmc]
        if self.alternate is None:
            raise EngineFailed("there is no alternate HMC, since no program is told {hmc_alternate}")
        return [self.alternate] if command.address is Address.ALTERNATE else [self.hmc, self.alternate]

    def _owner(self) -> str:
        if self.host is None:
            raise EngineFailed("this agent's profile has no ports, so no NIC can be added for it")
        return self.host

    async def _appeared(self, name: str, mac: str, host: str) -> None:
        if self.control_plane is not None:
            await self.control_plane.add_port(name=name, mac=mac, host=host)
        self.recorder.record(NicChanged(port=name, present=True))

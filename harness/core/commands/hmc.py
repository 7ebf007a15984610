"""Changes made to the HMC behind the client's back: facts, not faults."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands.base import Address, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class HmcCommand(Command):
    """Base of changes made to the HMC behind the client's back. They are facts, not faults: nothing heals them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNic(HmcCommand):
    """A NIC is deleted by somebody else."""

    partition: str
    nic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNic(HmcCommand):
    """A NIC is created by somebody else, and its Neutron port exists by then."""

    partition: str
    nic: str
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPartitionStatus(HmcCommand):
    """A partition's status changes, be it by somebody else or by itself."""

    partition: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLogEntry(HmcCommand):
    """Somebody else does something that the console's audit log tells."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleCommand(HmcCommand):
    """Base of changes of what a console has for itself: an alternate HMC has the same CPCs, and none of this."""

    address: Address = Address.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSessions(ConsoleCommand):
    """The HMC forgets every session: the next request of each client gets 403,5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetJobs(ConsoleCommand):
    """The HMC forgets every job and its result; what each was doing is done, or undone if it was cancelled."""

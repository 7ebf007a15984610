"""The HMC's contents: zhmcclient's mock model, with what it gets wrong put right.

The model is not thread-safe; it lives in the loop of its server, and no call in it waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from zhmcclient.mock import FakedSession
from zhmcclient.mock._hmc import FakedUnmanagedCpc, InputError  # not exported by the mock's __init__
from zhmcclient.mock._urihandler import FakedHTTPError, InvalidMethodError

from harness.errors import BadInput
from harness.hmc.errors import HmcError, unknown_uri, wrong_method
from harness.hmc.filters import filter_in_linear_time
from harness.hmc.handlers import HANDLERS
from harness.hmc.ids import Ids
from harness.hmc.inventory import Inventory
from harness.hmc.journal import Journal, Plan
from harness.hmc.kinds import add_kinds
from harness.hmc.new_numbers import NewNumbers
from harness.hmc.new_oids import NewOids
from harness.hmc.owners import OWNER, mac_of

_LOG = logging.getLogger(__name__)

MODIFY = "/operations/modify"
"""How the path of an update ends that is more than one of properties."""
_VOLUMES = ("storage-volume-uris", "storage-template-volume-uris")

NIC_TYPES = {"hipersockets": "iqd", "osd": "osd"}
"""Type of a NIC by the type of the adapter that backs its virtual switch."""


@dataclass(frozen=True, slots=True)
class OwnedNic:
    """A NIC whose description says that it belongs to an agent's host."""

    partition: str
    name: str
    mac: str


class Model:
    """One HMC's resources and the operations on them that the mock model has."""

    def __init__(self, inventory: Inventory, ids: Ids) -> None:
        filter_in_linear_time()
        self._faked: FakedSession = inventory.new_model()
        self._ids = ids
        self._hidden: dict[tuple[type, str], frozenset[str] | None] = {}
        self.journal = Journal()
        """What requests and jobs change here."""
        self.kinds = add_kinds(self._faked.hmc, inventory.more_kinds())
        """Managers of the kinds of resources that the mock model lacks, by kind."""
        ids.avoid(resource.oid for resource in self._faked.hmc.all_resources.values() if resource.oid)
        new_oids, new_numbers = NewOids(ids), NewNumbers(self._faked.hmc)
        new_oids.of(self._faked.hmc)

        def met(resource: Any) -> None:
            new_oids.of(resource)
            new_numbers.of(resource)

        self.journal.adopt(self._faked.hmc, met)

    @property
    def api_version(self) -> tuple[int, int]:
        """Major and minor version of the API."""
        major, minor = str(self._faked.hmc.api_version).split(".")[:2]
        return int(major), int(minor)

    @property
    def hmc(self) -> Any:
        """The faked HMC."""
        return self._faked.hmc

    @property
    def console(self) -> Any:
        """The faked HMC's console."""
        return self._faked.hmc.consoles.console

    def new_uuid(self) -> str:
        """A new object or element id."""
        return self._ids.uuid()

    def new_token(self) -> str:
        """A new text that nobody guesses."""
        return self._ids.token()

    def new_number(self, purpose: str) -> int:
        """The next number for this purpose, whichever console of these objects asks."""
        return self._ids.number(purpose)

    def transaction(self) -> AbstractContextManager[None]:
        """Whoever changes the model does it inside of one: the changes will be told, and an exception undoes them."""
        return self.journal.transaction()

    def carry_out(self, method: str, uri: str, body: object) -> object:
        """Let the mock model carry out an operation; its result. What changes something needs a transaction.

        Raises:
            HmcError: it refuses, or stumbles over what it was sent: then it is no good request to a real HMC either.
        """
        try:
            result = self._dispatch(method, uri, body)
        except InvalidMethodError as error:
            raise wrong_method(method, uri) from error
        except FakedHTTPError as error:
            raise HmcError(error.http_status, error.reason, error.message) from error
        except InputError as error:
            raise HmcError(400, 7, str(error)) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            _LOG.warning("the model stumbled over %s %s: %r", method, uri, error)
            raise HmcError(
                400, 7, f"A field or parameter of the request has a value that is not valid: {error}"
            ) from error
        if method != "GET" and (uri.startswith("/api/partitions/") and (method == "DELETE" or "/nics" in uri)):
            self._reconnect_nics()
        if uri.startswith("/api/storage-") and uri.endswith(MODIFY):
            self._forget_volumes(self.resource(uri.removesuffix(MODIFY)))
        return result

    def _dispatch(self, method: str, uri: str, body: object) -> object:
        hmc = self._faked.hmc
        handler, parameters = HANDLERS.find(uri, method)
        carry_out = getattr(handler, method.lower(), None)
        if carry_out is None or method not in ("GET", "POST", "DELETE"):
            raise wrong_method(method, uri)
        if method == "GET":
            return carry_out(method, hmc, uri, parameters, True)
        with self._ids.as_global():
            if method == "POST":
                return carry_out(method, hmc, uri, parameters, body, True, True)
            return carry_out(method, hmc, uri, parameters, True)

    def resource(self, uri: str) -> Any:
        """The mock model's resource at this URI.

        Raises:
            HmcError: 404,1.
        """
        try:
            resource = self._faked.hmc.lookup_by_uri(uri)
        except KeyError as error:
            raise unknown_uri(uri) from error
        if isinstance(resource, FakedUnmanagedCpc):
            raise unknown_uri(uri)  # it is listed, and an HMC that does not manage it can do no more
        return resource

    def shown(self, path: str) -> dict[str, object] | None:
        """All properties of the resource at this path; None where a GET there is something else, or fails."""
        resource = self._faked.hmc.all_resources.get(path)
        if resource is None:
            return None
        kind = type(resource), resource.manager.base_uri.rpartition("/")[2]  # one class has all activation profiles
        if kind not in self._hidden:
            self._hidden[kind] = HANDLERS.shows_all(path) if HANDLERS.has("GET", path) else None
        hidden = self._hidden[kind]
        if hidden is None:
            return None
        properties = dict(resource.properties)
        for name in hidden:
            properties.pop(name, None)
        return properties

    def rehearse(self, operation: Callable[[], object]) -> tuple[Plan, object]:
        """What an operation would change, and its result; everything stays as it was."""
        with self.journal.rehearsal() as plan:
            result = operation()
        return plan, result

    # NICs, as somebody else changes them behind the agent's back

    def owned_nics(self, host: str) -> list[OwnedNic]:
        """The NICs that are this host's by networking-dpm's rule, in the model's order."""
        return [
            OwnedNic(partition.properties["name"], nic.properties["name"], mac)
            for partition in self._partitions()
            for nic in partition.nics.list()
            if (mac := _mac_of(nic, host))
        ]

    def set_partition_status(self, partition: str, status: str) -> None:
        """Give a partition a status.

        Raises:
            BadInput: there is none of that name.
        """
        owner = self._partition(partition)
        with self.transaction():
            owner.properties["status"] = status

    def remove_nic(self, partition: str, nic: str) -> None:
        """Delete a NIC, whatever its partition's status.

        Raises:
            BadInput: there is none of that name.
        """
        owner = self._partition(partition)
        names = {item.properties["name"]: item for item in owner.nics.list()}
        if nic not in names:
            raise BadInput(f"partition {partition!r} has no NIC {nic!r}; it has {_listed(names)}")
        with self.transaction():
            owner.nics.remove(names[nic].oid)
            self._reconnect_nics()

    def add_nic(self, partition: str, nic: str, mac: str, host: str) -> None:
        """Create a NIC for a host, on the switch on which that host's agent looks for its NICs.

        Raises:
            BadInput: no such partition, the name is taken, that is no MAC address, or there is no virtual switch.
        """
        owner = self._partition(partition)
        if nic in (item.properties["name"] for item in owner.nics.list()):
            raise BadInput(f"partition {partition!r} has a NIC {nic!r} already; give the new one another name")
        description = f"{OWNER} mac={mac} host={host}"
        if not mac_of(description, host):
            raise BadInput(f"{mac!r} is no MAC address; write one as in fa:16:3e:00:00:09")
        switch = self._switch_for(owner, host)
        adapter = self.resource(switch.properties["backing-adapter-uri"])
        properties = {
            "element-id": self._ids.uuid(),
            "name": nic,
            "description": description,
            "type": NIC_TYPES.get(adapter.properties.get("type"), "osd"),
            "virtual-switch-uri": switch.uri,
        }
        with self.transaction():
            owner.nics.add(properties)

    def _switch_for(self, partition: Any, host: str) -> Any:
        for other in self._partitions():
            for nic in other.nics.list():
                uri = nic.properties.get("virtual-switch-uri")
                if uri and _mac_of(nic, host) and other.manager.parent is partition.manager.parent:
                    return self.resource(uri)
        switches = partition.manager.parent.virtual_switches.list()
        if not switches:
            raise BadInput(f"the CPC of partition {partition.properties['name']!r} has no virtual switch for a NIC")
        return switches[0]

    def _partition(self, name: str) -> Any:
        names = {item.properties["name"]: item for item in self._partitions()}
        if name not in names:
            raise BadInput(f"the HMC has no partition {name!r}; it has {_listed(names)}")
        return names[name]

    def _partitions(self) -> Iterator[Any]:
        for cpc in self._faked.hmc.cpcs.list():
            yield from cpc.partitions.list()

    def _forget_volumes(self, owner: Any) -> None:
        """Put right what the mock model forgets: the list of a storage group or template after a volume was deleted."""
        for name in _VOLUMES:
            uris = owner.properties.get(name, [])
            there = [uri for uri in uris if uri in self._faked.hmc.all_resources]
            if there != uris:
                owner.properties[name] = there

    def _reconnect_nics(self) -> None:
        """Put right what the mock model forgets: a switch's list of NICs after one was deleted or moved."""
        hmc = self._faked.hmc
        connected: dict[str, list[str]] = {}
        for partition in self._partitions():
            for nic in partition.nics.list():
                connected.setdefault(nic.properties.get("virtual-switch-uri", ""), []).append(nic.uri)
        for cpc in hmc.cpcs.list():
            for switch in cpc.virtual_switches.list():
                uris = connected.get(switch.uri, [])
                if switch.properties.get("connected-vnic-uris") != uris:
                    switch.properties["connected-vnic-uris"] = uris


def _mac_of(nic: Any, host: str) -> str:
    return mac_of(nic.properties.get("description", ""), host)


def _listed(names: dict[str, Any]) -> str:
    return ", ".join(sorted(names)) or "none"

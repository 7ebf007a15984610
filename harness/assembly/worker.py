"""What the trials of one process share, because it is slow to make or exists once only."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.assembly.project import TOOLS, Project
from harness.control_plane.neutron import Addresses, Kept, Turn, Wishes, is_kept
from harness.engines.mitm import MitmProxy
from harness.engines.toxiproxy_server import ToxiproxyServer
from harness.guard.folder import own_folder
from harness.hmc import Inventory, ThrowawayCa


@dataclass(slots=False)
class Worker:
    """Shared by all trials of a process; ended with `close`. One trial at a time."""

    project: Project
    shared_neutron: Addresses | None = None
    """The Neutron of all workers of a run; None where this process has to start one when it needs it. That one has an
    SQLite file: a database that a person has named is the shared one's, since two cannot use it."""
    _mitm: MitmProxy | None = None
    _toxiproxy: ToxiproxyServer | None = None
    _neutron: Kept | None = None
    _at_the_end: ExitStack = field(default_factory=ExitStack)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @cached_property
    def ca(self) -> ThrowawayCa:
        """The certificate authority that every agent of this process trusts."""
        return ThrowawayCa()

    @cached_property
    def folder(self) -> Path:
        """A folder that only this user can look into, for trials' work directories; gone at the end."""
        return self._at_the_end.enter_context(own_folder("run"))

    @cached_property
    def ca_file(self) -> Path:
        """The authority's certificate, as agents are told."""
        file = self.folder / "ca.pem"
        file.write_bytes(self.ca.ca_pem)
        return file

    def inventory(self, name: str) -> Inventory:
        """An inventory, read once.

        Raises:
            BadInput: its file is wrong.
        """
        return self.project.inventory(name)

    async def mitm(self) -> MitmProxy:
        """The mitmproxy of this process, started when it is first needed, or again after it died."""
        if self._mitm is not None and not self._mitm.alive:
            await self._mitm.close()
            self._mitm = None
        if self._mitm is None:
            self._mitm = await MitmProxy.start(ca_pem=self.ca.ca_key_and_cert_pem(), upstream_ca_pem=self.ca.ca_pem)
        return self._mitm

    async def toxiproxy(self) -> ToxiproxyServer:
        """The Toxiproxy server of this process, found or started when it is first needed, or again after it died.

        Raises:
            EngineFailed: there is none; says how to get one.
        """
        if self._toxiproxy is not None and not self._toxiproxy.alive:
            await self._toxiproxy.close()
            self._toxiproxy = None
        if self._toxiproxy is None:
            self._toxiproxy = await ToxiproxyServer.find_or_start(self.project.root / TOOLS)
        return self._toxiproxy

    async def neutron(self, wishes: Wishes, *, alone: bool = False) -> Turn:
        """A trial's turn on a real Neutron, which is as wished.

        It is the run's, or this process's own where there is none, or none any more.

        Raises:
            EngineFailed: it cannot be started, or made so; says what to do.
        """
        shared = self.shared_neutron
        there = shared if shared is not None and await is_kept(shared.folder) else await self._own_neutron()
        return await Turn.take(there, wishes, alone=alone)

    async def _own_neutron(self) -> Addresses:
        if self._neutron is not None and not self._neutron.alive:
            await asyncio.to_thread(self._neutron.close)
            self._neutron = None
        if self._neutron is None:
            self._neutron = await asyncio.to_thread(Kept.start, self.project.root)
        return self._neutron.addresses

    async def close(self) -> None:
        """End what was started."""
        if self._neutron is not None:
            await asyncio.to_thread(self._neutron.close)
            self._neutron = None
        if self._toxiproxy is not None:
            await self._toxiproxy.close()
            self._toxiproxy = None
        if self._mitm is not None:
            await self._mitm.close()
            self._mitm = None
        self._at_the_end.close()

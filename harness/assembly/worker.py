"""What the trials of one process share, because it is slow to make or exists once only."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.assembly.project import TOOLS, Project
from harness.engines.mitm import MitmProxy
from harness.engines.toxiproxy_server import ToxiproxyServer
from harness.hmc import Inventory, ThrowawayCa


@dataclass(slots=False)
class Worker:
    """Shared by all trials of a process; ended with `close`. One trial at a time."""

    project: Project
    _mitm: MitmProxy | None = None
    _toxiproxy: ToxiproxyServer | None = None
    _folder: tempfile.TemporaryDirectory[str] | None = None
    _inventories: dict[str, Inventory] = field(default_factory=dict)

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
        self._folder = tempfile.TemporaryDirectory(prefix="hmc-harness-")
        return Path(self._folder.name)

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
        if name not in self._inventories:
            self._inventories[name] = Inventory.load(self.project.inventories[name])
        return self._inventories[name]

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

    async def close(self) -> None:
        """End what was started."""
        if self._toxiproxy is not None:
            await self._toxiproxy.close()
            self._toxiproxy = None
        if self._mitm is not None:
            await self._mitm.close()
            self._mitm = None
        if self._folder is not None:
            self._folder.cleanup()

"""Open vSwitch without a kernel module, root or network interfaces: its datapath is its own test double ("dummy").

OVSDB, OpenFlow and the bridges are the real thing; only packets go nowhere. A machine's port is an interface of type
dummy that carries the Neutron port's id, which is all that the agent looks for.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.control_plane.neutron.servant import Servant, accepts
from harness.errors import EngineFailed

TOOLS = Path(".tools/openvswitch")
OVSDB_PORT = 6640
"""OVSDB's own."""

INTEGRATION, PHYSICAL = "br-int", "br-ex"
READY_S = 20.0
COMMAND_S = 20


@dataclass(slots=True)
class OpenVSwitch:
    """One Open vSwitch on a loopback address; `stop` leaves nothing of it."""

    root: Path
    folder: Path
    """Its sockets, database and logs."""
    host: str
    on_end: Callable[[str], None]
    _servants: list[Servant] = field(default_factory=list)

    async def start(self) -> None:
        """Returns when it takes orders and has its bridges.

        Raises:
            EngineFailed: it is not set up, or does not start; says what to do.
        """
        if not os.access(self._program("ovs-vswitchd"), os.X_OK):
            raise EngineFailed(f"there is no Open vSwitch in {TOOLS}; type: make openvswitch")
        schema = self.root / TOOLS / "usr/share/openvswitch/vswitch.ovsschema"
        await self._run("ovsdb-tool", "create", "conf.db", str(schema))
        # No --remote=db:...: the agent makes a Manager row with the address that it knows, which is the relay's.
        remotes = ["--remote=punix:db.sock", f"--remote=ptcp:{OVSDB_PORT}:{self.host}"]
        ovsdb = await self._servant("ovsdb-server", "conf.db", *remotes, "--unixctl=ovsdb.ctl")
        await ovsdb.ready(self._listens, READY_S)
        await self._vsctl("--no-wait", "init")
        dummy = ["--enable-dummy=override", "--disable-system"]
        await self._servant("ovs-vswitchd", "unix:db.sock", *dummy, "--unixctl=vswitchd.ctl")
        for bridge in (INTEGRATION, PHYSICAL):  # which waits until ovs-vswitchd has done it
            await self._vsctl("add-br", bridge, "--", "set", "Bridge", bridge, "datapath_type=netdev")

    async def plug(self, port_id: str, mac: str) -> None:
        """A machine's interface appears, as os-vif makes it.

        Raises:
            EngineFailed: it cannot be made.
        """
        ids = {"iface-id": port_id, "attached-mac": mac, "iface-status": "active"}
        columns = [f'external_ids:{name}="{value}"' for name, value in ids.items()]
        name = _interface(port_id)
        await self._vsctl("add-port", INTEGRATION, name, "--", "set", "Interface", name, "type=dummy", *columns)

    async def unplug(self, port_id: str) -> None:
        """It is gone again.

        Raises:
            EngineFailed: it was not there.
        """
        await self._vsctl("del-port", INTEGRATION, _interface(port_id))

    async def stop(self) -> None:
        """End it. Idempotent."""
        while self._servants:
            await self._servants.pop().stop()

    @property
    def _environment(self) -> dict[str, str]:
        folders = {name: str(self.folder) for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **folders}

    def _program(self, name: str) -> str:
        return str(self.root / TOOLS / "bin" / name)

    async def _servant(self, name: str, *arguments: str) -> Servant:
        argv = [self._program(name), *arguments, "-vconsole:info"]
        self._servants.append(await Servant.start(name, argv, self._environment, self.folder, self.on_end))
        return self._servants[-1]

    async def _listens(self) -> bool:
        return await accepts(self.host, OVSDB_PORT)

    async def _vsctl(self, *arguments: str) -> None:
        await self._run("ovs-vsctl", "--db=unix:db.sock", f"--timeout={COMMAND_S}", *arguments)

    async def _run(self, name: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            self._program(name),
            *arguments,
            env=self._environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, words = await process.communicate()
        if process.returncode:
            raise EngineFailed(f"{name} {' '.join(arguments)}: status {process.returncode}: {words.decode()[-500:]}")


def _interface(port_id: str) -> str:
    """As Nova names it."""
    return f"tap{port_id[:11]}"

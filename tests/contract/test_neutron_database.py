"""Neutron on a database server that a person has named, instead of SQLite."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from harness.control_plane.neutron import Kept
from harness.control_plane.neutron.servant import Servant
from harness.errors import EngineFailed
from tests.contract.plane_world import NEUTRON_DOWN_S, ROOT, RealNeutron, Reporter, neutron_world

pytestmark = [pytest.mark.contract, pytest.mark.neutron]

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(p).parent for p in [shutil.which("initdb")] if p]

needs_postgresql = pytest.mark.skipif(
    not SERVERS, reason="there is no PostgreSQL server here (initdb); install one, it need not run: postgresql"
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the server's user may enter; pytest's own are for their owner alone."""
    with tempfile.TemporaryDirectory(prefix="hmc-harness-postgresql-") as name:
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(name, nobody.pw_uid, nobody.pw_gid)
        yield Path(name)


def unprivileged(*argv: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return list(argv)
    return ["setpriv", "--reuid=nobody", f"--regid={pwd.getpwnam('nobody').pw_gid}", "--clear-groups", *argv]


@asynccontextmanager
async def postgresql(home: Path) -> AsyncIterator[str]:
    """A server on loopback, with an empty database; yields that one's URL."""
    programs = SERVERS[-1]
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    initdb = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "neutron", "--auth=trust", "--no-sync"]
    made = await asyncio.create_subprocess_exec(*unprivileged(*initdb), env=environment, cwd=home)
    assert await made.wait() == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = (f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}", "fsync=off")
    options = [word for setting in settings for word in ("-c", setting)]
    server = [str(programs / "postgres"), "-D", str(home / "data"), *options]
    servant = await Servant.start("postgresql", unprivileged(*server), environment, home)
    try:

        async def answers() -> bool:
            asked = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
            return await (await asyncio.create_subprocess_exec(*asked, stdout=subprocess.DEVNULL)).wait() == 0

        await servant.ready(answers, 60)
        yield f"postgresql+psycopg2://neutron@127.0.0.1:{port}/postgres"
    finally:
        await servant.stop()


@needs_postgresql
def test_the_story_of_a_port_on_postgresql_and_a_second_neutron_is_refused(home: Path) -> None:
    async def run() -> None:
        async with postgresql(home) as url:
            start = partial(Kept.start, ROOT, database=url, agent_down_time_s=NEUTRON_DOWN_S)
            kept = await asyncio.to_thread(start)
            reporter = Reporter(kept.addresses)
            try:
                await story(RealNeutron(kept, reporter))
                assert "neutron.sqlite" not in os.listdir(kept.addresses.folder)
                # While the first one uses it, and after its end: its tables stay.
                with pytest.raises(EngineFailed, match=r"has \d+ tables already; name an empty one"):
                    await asyncio.to_thread(start)
            finally:
                reporter.close()
                await asyncio.to_thread(kept.close)

    asyncio.run(run())


async def story(real: RealNeutron) -> None:
    async with neutron_world(real) as world:
        await world.beat(start=True)
        before = await world.agent() or {}
        await world.beat()
        assert before["heartbeat_timestamp"] < (await world.agent() or {})["heartbeat_timestamp"]
        await world.add_port()
        seen = [(await world.port())["status"]]
        await world.details(world.mac)
        seen.append((await world.port())["status"])
        await world.update(up=world.mac)
        seen.append((await world.port())["status"])
        assert seen == ["DOWN", "BUILD", "ACTIVE"]


@needs_postgresql
def test_a_run_uses_the_named_database_whatever_its_trials_wish(home: Path, tmp_path: Path) -> None:
    """In one process, whose trials want first the shared kind, then another one, then the shared kind again."""

    async def run() -> None:
        async with postgresql(home) as url:
            text = (ROOT / "scenarios/running/no-fault.scenario.yaml").read_text(encoding="utf-8")
            schema = ROOT / "harness/scenario_file/scenario.schema.json"
            text = re.sub(r"\$schema=\S+", f"$schema={schema}", text)
            files = [tmp_path / f"{name}.scenario.yaml" for name in ("a", "b", "c")]
            for file in files:
                other = "agent_down_time: 7s\n" if file.name.startswith("b.") else ""
                file.write_text(text + other, encoding="utf-8")
            options = ["--control-plane", "neutron", "--neutron-database", url, "--runs-dir", str(tmp_path / "runs")]
            argv = [
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                "-p",
                "harness.pytest_plugin",
                "--rootdir",
                str(ROOT),
                *options,
                *map(str, files),
            ]
            ran = await asyncio.create_subprocess_exec(sys.executable, *argv, cwd=ROOT, stdout=subprocess.PIPE)
            out, _ = await ran.communicate()
            assert ran.returncode == 0, out.decode()
            assert "3 passed" in out.decode()

    asyncio.run(run())

"""A prepared warp, programs under it, and an HMC that never answers."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from harness.engines.warp.clock import WarpClock
from harness.engines.warp.roll import Roll
from harness.engines.warp.warp import Warp
from harness.hmc import ThrowawayCa

FACTOR = 60.0
PROGRAMS = Path(__file__).with_name("warp_programs")
DEADLINE_S = 30.0
"""Wall seconds; nothing here takes so long, unless its waits run in real time."""
AGENT_SLACK_S = 120.0
"""Agent seconds, two seconds of the wall: a busy machine may be so late. In real time all would last for hours."""
WARP = functools.cache(Warp.prepare)


def without(what: str, remedy: str) -> NoReturn:
    """What is missing is not tested, and that is said; where nothing may be left out (WARP_REQUIRED) it fails."""
    words = f"this needs {what}, and there is none; {remedy}"
    if os.environ.get("WARP_REQUIRED"):
        pytest.fail(words)
    pytest.skip(words)


def _version(python: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in python.parents[1].name.split(".") if part.isdigit())


def newest_python() -> str:
    """The newest interpreter that starts: a shim on the PATH may lead nowhere."""
    names = ("python3.15", "python3.14", "python3.13", "python3.12")
    versions = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"), key=_version, reverse=True)
    for python in [*map(str, versions), *filter(None, map(shutil.which, names))]:
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    return ""


@dataclass(frozen=True)
class Ran:
    """What a program printed, and when it ran by the harness's clock."""

    text: str
    status: int
    before_s: float
    after_s: float
    wall_s: float

    def json(self) -> Mapping[str, Any]:
        found = json.loads(self.text)
        assert isinstance(found, dict)
        return found

    @property
    def agent_s(self) -> float:
        return self.after_s - self.before_s


async def run(warp: Warp, clock: WarpClock, *argv: str | Path, roll: Roll | None = None) -> Ran:
    """A program in the warp, until it ends; it enters itself in the roll, where there is one."""
    loop = asyncio.get_running_loop()
    before_s, wall = clock.now(), loop.time()
    process = await asyncio.create_subprocess_exec(
        *map(str, argv),
        env={**warp.added_to({"PATH": os.environ["PATH"]}), **(roll.environment if roll else {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            text, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Ran(text.decode(), process.returncode, before_s, clock.now(), loop.time() - wall)


@asynccontextmanager
async def stalling_server(ca: ThrowawayCa, host: str) -> AsyncIterator[int]:
    """TLS works, a request is taken, and no byte of an answer comes. Yields the port."""
    closing: list[asyncio.StreamWriter] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        closing.append(writer)
        while await reader.read(65536):
            pass
        writer.close()

    server = await asyncio.start_server(swallow, host, 0, ssl=ca.server_context(host))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in closing:
            writer.close()
        await server.wait_closed()

"""A Toxiproxy server that is not ours outlives a killed run: whose a proxy is, and who takes it off.

A guarded keeper does so as soon as the run is gone. Where that was killed, too, the next run does: a proxy's name tells
whether its owner lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from harness.errors import AgentNotStartable, EngineFailed
from harness.guard.guarded import Guarded, Program, Watcher

KEEPER = Path(__file__).with_name("toxiproxy_keeper.py")
READY_S = 20.0
_OF_A_RUN = re.compile(r"hmc-harness-(?P<namespace>\d+)-(?P<pid>\d+)-(?P<began>\d+)-")
_GONE = ("Z", "X")
"""States of a process that has ended: proc(5)."""


def new_prefix() -> str:
    """With what the names of one user's proxies begin: it says which process of which container owns them."""
    me = os.getpid()
    return f"hmc-harness-{_namespace()}-{me}-{_began(me)}-{secrets.token_hex(4)}"


def abandoned(names: Iterable[str]) -> list[str]:
    """Those of these proxies whose owner lives no more. Whose that cannot be told is not among them."""
    found = ((name, _OF_A_RUN.match(name)) for name in names)
    return [name for name, run in found if run and not _lives(*map(int, run.groups()))]


def _lives(namespace: int, pid: int, began: int) -> bool:
    if namespace != _namespace():
        return True  # another container's: nothing is known of it here
    try:
        os.kill(pid, 0)
        return _began(pid) == began  # a process id is used again
    except ProcessLookupError:
        return False
    except PermissionError:
        return True


def _namespace() -> int:
    return os.stat("/proc/self/ns/pid").st_ino


def _began(pid: int) -> int:
    """When it began, in the kernel's ticks; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    state, *others = text.rpartition(")")[2].split()
    return 0 if state in _GONE else int(others[18])  # fields 3 and 22


async def keep(host: str, port: int, prefix: str, on_end: Callable[[str], None]) -> Guarded:
    """A guarded process that takes all proxies of this prefix off the server when it, or this process, is ended.

    `on_end` is told, in words, when it ends.

    Raises:
        EngineFailed: it does not start.
    """
    said = asyncio.Event()
    output = b""

    def on_output(_stream: str, data: bytes) -> None:
        nonlocal output
        output += data
        said.set()

    def on_exit(status: int, _asked: bool) -> None:
        words = output.decode(errors="replace").strip()
        on_end(f"what takes its proxies off when a run is killed ended with status {status}; it said: {words}")

    watcher = Watcher(on_start=lambda _: None, on_output=on_output, on_exit=on_exit, on_crash=on_end)
    argv = [sys.executable, "-I", "-S", str(KEEPER), host, str(port), prefix]
    try:
        keeper = await Guarded.start(Program(argv=argv, env={}, cwd=Path("/")), watcher)
    except AgentNotStartable as error:
        raise EngineFailed(f"Toxiproxy: what takes proxies off cannot be started: {error}") from error
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_S):
                await said.wait()
    finally:
        if output != b"ready\n":
            await keeper.stop(0)
    if output != b"ready\n":
        raise EngineFailed(f"Toxiproxy: what takes proxies off did not start: {output.decode(errors='replace')}")
    return keeper

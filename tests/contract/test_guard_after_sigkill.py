"""SIGKILL to the process that owns agents and proxy: nothing of it is left within 5 seconds."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.engines.processes import is_gone, until_gone

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 5.0

STUBBORN = """
    import os, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if child := os.fork():
        os.waitpid(child, 0)
    else:
        os.setsid()
        if os.fork():
            os._exit(0)
    print(os.getpid(), flush=True)
    time.sleep(100)
"""
"""An agent that is deaf to SIGTERM, with a daemon that left its session and parent and is deaf too."""

AGENT_OWNER = f"""
    import asyncio, os, sys, textwrap, time
    from pathlib import Path
    from harness.core.events import LogLine
    from harness.engines.agent_process import AgentProcess
    from tests.engines.recorders import ListRecorder

    async def main():
        recorder = ListRecorder()
        argv = [sys.executable, "-I", "-S", "-c", textwrap.dedent({STUBBORN!r})]
        agent = await AgentProcess.start(
            recorder, who="agent", argv=argv, env={{}}, cwd=Path("/"), level=None, log_file=None
        )
        await recorder.until(lambda: len(recorder.all(LogLine)) == 2)
        BETWEEN
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
"""

PROXY_OWNER = """
    import asyncio, trustme
    from harness.engines.mitm import MitmProxy

    async def main():
        ca = trustme.CA()
        pem = ca.cert_pem.bytes()
        proxy = await MitmProxy.start(
            ca_pem=ca.private_key_pem.bytes() + pem, upstream_ca_pem=pem, on_crash=lambda words: None
        )
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
"""


@contextmanager
def owner(code: str, folder: Path) -> Iterator[list[psutil.Process]]:
    """An owner that is ready, and all that descends from it; it gets SIGKILL when the block is left."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, env=env)
    assert process.stdout is not None
    with process.stdout:
        try:
            assert process.stdout.readline() == b"ready\n"
            family = psutil.Process(process.pid).children(recursive=True)
            assert not any(is_gone(member.pid) for member in family)
            yield family
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def gone(family: Iterable[psutil.Process]) -> None:
    asyncio.run(until_gone([process.pid for process in family], within_s=WITHIN_S))


def test_no_agent_and_no_descendant_is_left(tmp_path: Path) -> None:
    """Guard, agent and the daemon: deaf to SIGTERM as they are, and the daemon no child of the agent's any more."""
    with owner(AGENT_OWNER.replace("BETWEEN", ""), tmp_path) as family:
        assert len(family) == 3
    gone(family)


def test_an_owner_that_dies_while_it_waits_for_a_stop_does_not_prolong_it(tmp_path: Path) -> None:
    patient = "stopping = asyncio.create_task(agent.stop(100)); await asyncio.sleep(0)"
    with owner(AGENT_OWNER.replace("BETWEEN", patient), tmp_path) as family:
        assert len(family) == 3
    gone(family)


def test_a_fork_of_the_owner_that_holds_the_lease_does_not_save_them(tmp_path: Path) -> None:
    """multiprocessing's fork copies the lease; the guard's own parent-death signal ends the waiting."""
    with owner(AGENT_OWNER.replace("BETWEEN", "if os.fork() == 0: os.close(1); time.sleep(100)"), tmp_path) as family:
        (fork,) = (process for process in family if "ListRecorder()" in process.cmdline()[-1])
    try:
        assert len(family) == 4
        gone(process for process in family if process != fork)
        assert not is_gone(fork.pid), "it has to hold the lease still, or this proves nothing"
    finally:
        fork.kill()


def test_no_mitmproxy_and_no_certificate_folder_is_left(tmp_path: Path) -> None:
    with owner(PROXY_OWNER, tmp_path) as family:
        assert len(family) == 2
        (folder,) = tmp_path.iterdir()
        assert [file.name for file in folder.iterdir() if b"PRIVATE" in file.read_bytes()] == []
        assert folder.stat().st_mode & 0o777 == 0o700
    gone(family)
    assert list(tmp_path.iterdir()) == []

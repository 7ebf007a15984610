"""SIGKILL to the process that owns agents and proxy: nothing of it is left within 5 seconds."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
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
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
    print(os.getpid(), flush=True)
    time.sleep(100)
"""
"""An agent that is deaf to SIGTERM, with a daemon that left its session and parent and is deaf too."""

AGENT_OWNER = f"""
    import asyncio, os, sys, textwrap
    from pathlib import Path
    from harness.core.events import LogLine
    from harness.engines.agent_process import AgentProcess
    from tests.engines.recorders import ListRecorder

    async def main():
        recorder = ListRecorder()
        argv = [sys.executable, "-I", "-S", "-c", textwrap.dedent({STUBBORN!r})]
        await AgentProcess.start(recorder, who="agent", argv=argv, env={{}}, cwd=Path("/"), level=None, log_file=None)
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


def kill_owner(code: str, folder: Path) -> list[int]:
    """Run an owner until it is ready, SIGKILL it, and wait until all that it had started is gone."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, env=env)
    assert owner.stdout is not None
    with owner.stdout:
        try:
            assert owner.stdout.readline() == b"ready\n"
            family = [process.pid for process in psutil.Process(owner.pid).children(recursive=True)]
            assert all(not is_gone(pid) for pid in family)
        finally:
            owner.send_signal(signal.SIGKILL)
            owner.wait()
    asyncio.run(until_gone(family, within_s=WITHIN_S))
    return family


def test_no_agent_and_no_descendant_is_left(tmp_path: Path) -> None:
    """Guard, agent and the daemon: deaf to SIGTERM as they are, and the daemon no child of the agent's any more."""
    assert len(kill_owner(AGENT_OWNER.replace("BETWEEN", ""), tmp_path)) == 3


def test_a_fork_of_the_owner_that_holds_the_lease_does_not_save_them(tmp_path: Path) -> None:
    """multiprocessing's fork copies the lease; the guard's own parent-death signal ends the waiting."""
    fork = "child = os.fork(); child or (os.close(1), __import__('time').sleep(8), os._exit(0))"
    began = time.monotonic()
    family = kill_owner_with_fork(AGENT_OWNER.replace("BETWEEN", fork), tmp_path)
    assert len(family) == 4
    assert time.monotonic() - began < 8, "the fork has gone by itself, so this proves nothing"


def kill_owner_with_fork(code: str, folder: Path) -> list[int]:
    """As `kill_owner`, but the forked copy of the owner is nobody's to end: it is left out of the waiting."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, env=env)
    assert owner.stdout is not None
    with owner.stdout:
        assert owner.stdout.readline() == b"ready\n"
        owner_process = psutil.Process(owner.pid)
        direct = owner_process.children()
        family = [process.pid for process in owner_process.children(recursive=True)]
        fork = next(process for process in direct if "guard.py" not in " ".join(process.cmdline()))
        try:
            owner.send_signal(signal.SIGKILL)
            owner.wait()
            asyncio.run(until_gone([pid for pid in family if pid != fork.pid], within_s=WITHIN_S))
            assert not is_gone(fork.pid)
        finally:
            fork.kill()
            asyncio.run(until_gone([fork.pid], within_s=WITHIN_S))
    return family


def test_no_mitmproxy_and_no_certificate_folder_is_left() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert len(kill_owner(PROXY_OWNER, Path(folder))) == 2
        assert os.listdir(folder) == []

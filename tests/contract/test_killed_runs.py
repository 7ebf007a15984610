"""However a run is ended, it leaves no process, no listener and no fault behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from harness.engines.toxiproxy_server import find_program
from tests.contract.engine_world import TOOLS
from tests.contract.tiny_project import ENDLESS, TinyProject

TOXIPROXY_HOST = "127.0.0.9"
GONE_WITHIN_S = 5.0
"""What the project promises for SIGKILL of the controller."""


def wait_for(condition: Callable[[], bool], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.02)  # the pace of looking, not a time that anything is given


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return TinyProject.make(tmp_path, endless=ENDLESS)


def in_the_middle(
    project: TinyProject, *arguments: str, **environment: str
) -> tuple[subprocess.Popen[str], set[psutil.Process], str]:
    """A run with the fault in force: pytest, every process of the run, and the trial's host."""
    run = project.start("scenarios", *arguments, **environment)

    def begun() -> bool:
        return any(e["event"] == "StepBegan" for e in project.events("endless"))

    wait_for(lambda: begun() or run.poll() is not None, 30, "the fault begins")
    assert run.poll() is None, run.communicate()[0]
    every = {psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)}
    assert any("tiny_agent.py" in " ".join(p.cmdline()) for p in every)
    host = str(project.events("endless")[0]["address"]).partition(":")[0]
    return run, every, host


def listening(host: str) -> bool:
    """Whether anything still listens at the trial's HMC address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, 6794))
        except OSError:
            return True
    return any(c.laddr and c.laddr.ip == host and c.status == psutil.CONN_LISTEN for c in psutil.net_connections("tcp"))


def alive(processes: set[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_kill_9_leaves_nothing_behind(project: TinyProject, workers: str) -> None:
    """SIGKILL of pytest (with xdist: of its controller) in the middle of a trial."""
    run, every, host = in_the_middle(project, "-n", workers)
    assert listening(host)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=10)
    wait_for(lambda: not alive(every), GONE_WITHIN_S, "every process of the run is gone")
    assert not listening(host)


def accepts(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


@contextmanager
def somebody_elses_toxiproxy() -> Iterator[str]:
    """A server that no run has started, and its URL."""
    program = find_program(TOOLS)
    assert program is not None
    with socket.socket() as free:
        free.bind((TOXIPROXY_HOST, 0))
        port = free.getsockname()[1]
    argv = [str(program), "-host", TOXIPROXY_HOST, "-port", str(port)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(lambda: accepts(TOXIPROXY_HOST, port), 10, "the server listens")
            yield f"http://{TOXIPROXY_HOST}:{port}"
        finally:
            server.kill()


def proxies(url: str) -> dict[str, dict[str, object]]:
    """What is on the server, by name."""
    found: dict[str, dict[str, object]] = requests.get(f"{url}/proxies", timeout=5).json()
    return found


@pytest.mark.toxiproxy
@pytest.mark.parametrize("workers", ["0", "2"])
def test_kill_9_leaves_nothing_on_a_toxiproxy_server_that_is_not_ours(tmp_path: Path, workers: str) -> None:
    """Nobody ends the server: its proxy, listener and toxics have to go, and what others have there has to stay."""
    project = TinyProject.make(tmp_path, endless=ENDLESS.replace("blackhole", "{latency: {delay: 1s}}"))
    theirs = {"name": "hmc-harness-of-somebody-else", "listen": f"{TOXIPROXY_HOST}:0", "upstream": "127.0.0.1:1"}
    with somebody_elses_toxiproxy() as url:
        assert requests.post(f"{url}/proxies", json=theirs, timeout=5).ok
        run, every, host = in_the_middle(
            project, "-n", workers, "--l4-engine", "toxiproxy", TOXIPROXY_URL=url, no_proxy="*"
        )
        ours = [proxy for name, proxy in proxies(url).items() if name != theirs["name"]]
        assert [bool(proxy["toxics"]) for proxy in ours] == [True]
        os.kill(run.pid, signal.SIGKILL)
        run.communicate(timeout=10)
        wait_for(lambda: proxies(url).keys() == {theirs["name"]}, GONE_WITHIN_S, "the proxy is gone")
        wait_for(lambda: not alive(every), GONE_WITHIN_S, "every process of the run is gone")
        wait_for(lambda: not listening(host), GONE_WITHIN_S, "nothing listens at the trial's address")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_heals_and_stops_everything(project: TinyProject, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM clear up in order: the history ends with the healing and the agent's end."""
    run, every, host = in_the_middle(project)
    os.kill(run.pid, number)
    output, _ = run.communicate(timeout=20)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert not alive(every)
    assert not listening(host)
    ended = [e["event"] for e in project.events("endless")]
    assert ended.index("WatchEnded") < ended.index("StepHealed") < ended.index("ProcessExited")
    assert "Leftover" not in ended


INTERRUPTED_EARLY = """
import asyncio, signal
import harness.assembly.trial as trial
claim = trial.claim
async def claim_and_be_interrupted(relay):
    print("claimed", await claim(relay), flush=True)
    signal.raise_signal(signal.SIGINT)
    await asyncio.sleep(60)
trial.claim = claim_and_be_interrupted
"""


def test_a_run_that_is_interrupted_while_a_trial_is_put_together_leaves_nothing_behind(project: TinyProject) -> None:
    """Before there is a runner: what was opened is closed, and the history says why it ends."""
    conftest = project.root / "conftest.py"
    conftest.write_text(conftest.read_text(encoding="utf-8") + INTERRUPTED_EARLY, encoding="utf-8")
    ran = project.pytest("scenarios", "-s")
    assert ran.status == pytest.ExitCode.INTERRUPTED, ran.output
    assert not listening(ran.output.partition("claimed ")[2].split()[0])
    assert [(e["event"], e["reason"]) for e in project.events("endless")] == [("WatchEnded", "interrupted")]


def test_a_second_ctrl_c_leaves_nothing_behind_either(project: TinyProject) -> None:
    """An agent that ignores SIGTERM makes the first clearing up last for its whole grace; nobody waits for that."""
    agent = project.root / "tiny_agent.py"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    agent.write_text(deaf + agent.read_text(encoding="utf-8"), encoding="utf-8")
    run, every, host = in_the_middle(project)
    os.kill(run.pid, signal.SIGINT)
    wait_for(lambda: any(e["event"] == "StepHealed" for e in project.events("endless")), 10, "the clearing up began")
    os.kill(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=20)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    wait_for(lambda: not alive(every), GONE_WITHIN_S, "every process of the run is gone")
    assert not listening(host)
    assert "Traceback" not in output, output

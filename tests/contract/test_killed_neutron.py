"""However a run on a real Neutron is ended, it leaves no process, no listener and no folder behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from harness.control_plane.neutron import Kept
from harness.guard.folder import PREFIX
from tests.contract.plane_world import ROOT
from tests.contract.test_killed_runs import alive, wait_for

pytestmark = [pytest.mark.contract, pytest.mark.neutron]

GONE_WITHIN_S = 15.0
"""RabbitMQ gets 5 seconds from SIGTERM to SIGKILL, as everything else does."""

FOLDER = re.compile(rf"/[^\s\"']*{PREFIX}neutron-[^/\s\"']+")

ENDLESS = f"""# yaml-language-server: $schema={ROOT}/harness/scenario_file/scenario.schema.json
title: A trial that lasts
why: A test.
requirements: [RUN-1]
agent: dpm-agent
hmc: two-nics
steady:
  - heartbeat: {{count: 1}}
  - ports: {{status: ACTIVE}}
timeline:
  - {{at: 0s, fault: hang, for: 10min}}
expect: [keeps_running]
give_up_after: 10min
"""


@dataclass
class Traces:
    """What a Neutron has on this machine."""

    processes: set[psutil.Process]
    sockets: set[tuple[str, int]]
    folders: set[Path]

    @classmethod
    def of(cls, processes: set[psutil.Process]) -> Traces:
        """All that these processes listen on, and their folders."""
        kinds = " ".join(" ".join(p.cmdline()) for p in processes)
        for part in ("harness.control_plane.neutron", "rabbitmq", "epmd", "serve_api.py", "serve_rpc.py"):
            assert part in kinds, f"no process of {part}"
        heard = {place for pid, place in listeners() if pid in {p.pid for p in processes}}
        # Erlang's port mapper is on the machine's own loopback addresses, too, whatever it is told.
        assert all(host.startswith("127.") or host == "::1" for host, _ in heard)
        homes = {Path(found) for p in processes for word in p.cmdline() for found in FOLDER.findall(word)}
        assert homes
        assert all(home.is_dir() for home in homes)
        return cls(processes, heard, homes)

    def left(self) -> list[object]:
        """What is still there."""
        listening = {place for _, place in listeners()}
        return [*alive(self.processes), *(self.sockets & listening), *(f for f in self.folders if f.exists())]

    def gone(self) -> bool:
        return not self.left()


def listeners() -> list[tuple[int | None, tuple[str, int]]]:
    """Process and place of each TCP socket of this machine that is listened on."""
    found = psutil.net_connections("tcp")
    return [(c.pid, (c.laddr.ip, c.laddr.port)) for c in found if c.laddr and c.status == psutil.CONN_LISTEN]


def family(pid: int) -> set[psutil.Process]:
    root = psutil.Process(pid)
    return {root, *root.children(recursive=True)}


def until_gone(traces: Traces) -> None:
    try:
        wait_for(traces.gone, GONE_WITHIN_S, "nothing of the run is left")
    except AssertionError as error:
        raise AssertionError(f"{error}: {traces.left()}") from error


def events_of(runs: Path, event: str) -> list[Path]:
    return [f for f in runs.rglob("history.jsonl") if f'"event":"{event}"' in f.read_text(encoding="utf-8")]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_kill_9_of_pytest_in_the_middle_of_a_trial_leaves_nothing_behind(tmp_path: Path, workers: str) -> None:
    """With xdist it is the controller that is killed, which keeps the Neutron of all workers."""
    scenario = tmp_path / "endless.scenario.yaml"
    scenario.write_text(ENDLESS, encoding="utf-8")
    options = ["--control-plane", "neutron", "-n", workers, "--runs-dir", str(tmp_path / "runs")]
    log = tmp_path / "pytest.log"
    with log.open("wb") as out:
        run = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                "-p",
                "harness.pytest_plugin",
                str(scenario),
                "--rootdir",
                str(ROOT),
                *options,
            ],
            cwd=ROOT,
            stdout=out,
            stderr=out,
        )
    begun: Callable[[], bool] = lambda: bool(events_of(tmp_path / "runs", "StepBegan")) or run.poll() is not None  # noqa: E731
    wait_for(begun, 120, "the fault begins")
    assert run.poll() is None, log.read_text(encoding="utf-8")
    traces = Traces.of(family(run.pid))
    assert any("agent_under_test.dpm_agent.neutron" in " ".join(p.cmdline()) for p in traces.processes)
    os.kill(run.pid, signal.SIGKILL)
    run.wait(10)
    until_gone(traces)


def start() -> tuple[Kept, psutil.Process]:
    """A Neutron of this test's own, and its keeper; this process may have another one, which other tests share."""
    before = set(psutil.Process().children())
    kept = Kept.start(ROOT)
    (keeper,) = set(psutil.Process().children()) - before
    return kept, keeper


def test_kill_9_of_the_keeper_ends_what_it_kept() -> None:
    """Its guards do; whoever held it removes the folder, which it could not do itself."""
    kept, keeper = start()
    traces = Traces.of(family(keeper.pid))
    keeper.send_signal(signal.SIGKILL)
    wait_for(lambda: not alive(traces.processes), GONE_WITHIN_S, "every process is gone")
    kept.close()
    assert not kept.alive
    until_gone(traces)


def test_a_keeper_that_is_told_to_end_leaves_nothing() -> None:
    kept, keeper = start()
    traces = Traces.of(family(keeper.pid))
    began = time.monotonic()
    kept.close()
    assert time.monotonic() - began < GONE_WITHIN_S
    assert traces.gone(), traces.left()

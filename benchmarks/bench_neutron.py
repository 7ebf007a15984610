"""How long a real Neutron takes to start, and what a run on it takes in memory, everything counted.

Targets: ready in 25 s; under 1.2 GB of PSS at `-n 2`: RabbitMQ, Neutron, their keeper, pytest and its two workers with
all that they start, and the agents.

Run: python -m benchmarks.bench_neutron (after: make neutron)
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from harness.control_plane.neutron import Kept

ROOT = Path(__file__).parents[1]
STARTS = 3
LOOK_EACH_S = 0.5

TRIALS = (
    "scenarios/running/no-fault.scenario.yaml",
    "scenarios/running/slow-reads.scenario.yaml",
    "scenarios/running/sick-answers.scenario.yaml",  # with mitmproxy
    "scenarios/bus/broker-is-restarted.scenario.yaml",  # alone on it
    "scenarios/running/waits-for-an-answer.scenario.yaml",  # with a fast clock, and another agent_down_time
)


def _start_s() -> float:
    """The slowest of a few starts: each run waits for one."""
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        kept = Kept.start(ROOT)
        taken.append(time.perf_counter() - began)
        kept.close()
    return max(taken)


def _pss_mb(root: psutil.Process) -> float:
    """Of a process and all that descends from it; pages that are shared are counted once."""
    total = 0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            total += process.memory_full_info().pss
    return total / 1e6


def _run_mb() -> float:
    """The peak while two workers play."""
    options = ["-q", "-p", "no:cacheprovider", "--control-plane", "neutron", "-n", "2"]
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("wb+") as log:
        command = [sys.executable, "-m", "pytest", *options, "--runs-dir", folder, *TRIALS]
        peak_mb = 0.0
        with subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as run:
            while run.poll() is None:
                peak_mb = max(peak_mb, _pss_mb(psutil.Process(run.pid)))
                time.sleep(LOOK_EACH_S)  # the pace of looking
        if run.returncode != 0:
            log.seek(0)
            raise SystemExit(f"a benchmark needs scenarios that pass:\n{log.read().decode()}")
    return peak_mb


def main() -> dict[str, float]:
    """Measure, print and return.

    Raises:
        EngineFailed: Neutron is not set up; says what to type.
    """
    figures = {"neutron_start_s": _start_s(), "neutron_pss_mb": _run_mb()}
    for figure, value in figures.items():
        print(f"{figure:<34}{value:10.1f}")
    return figures


if __name__ == "__main__":
    main()

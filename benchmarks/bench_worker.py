"""How much memory a pytest worker takes with its mock HMC, relay and embedded control plane, and how long the suite is.

Targets: under 250 MB; the default suite under 4 minutes at `-n 4` on 2 cores.

Run: python -m benchmarks.bench_worker
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE_TRIAL = "scenarios/running/no-fault.scenario.yaml"

RSS_PLUGIN = """
import resource
def pytest_unconfigure():
    print("peak kB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _pytest(*arguments: str, plugins: str = "") -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": plugins}, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise SystemExit(f"a benchmark needs a suite that passes:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def _worker_mb(runs: str) -> float:
    """The peak of a process that has played a trial; the agent is a process of its own and does not count."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rss_plugin.py").write_text(RSS_PLUGIN, encoding="utf-8")
        out = _pytest(ONE_TRIAL, "--runs-dir", runs, "-p", "rss_plugin", plugins=folder)
    found = re.search(r"peak kB (\d+)", out)
    if found is None:
        raise SystemExit(f"the worker did not tell its memory:\n{out}")
    return int(found.group(1)) / 1000


def main() -> dict[str, float]:
    """Measure, print and return."""
    with tempfile.TemporaryDirectory() as runs:
        memory_mb = _worker_mb(runs)
        began = time.perf_counter()
        out = _pytest("scenarios", "-n", "4", "--runs-dir", runs)
        suite_s = time.perf_counter() - began
    passed = re.search(r"(\d+) passed", out)
    figures = {"worker_mb": memory_mb, "suite_s": suite_s, "trials": float(passed.group(1)) if passed else 0.0}
    for figure, value in figures.items():
        print(f"{figure:<34}{value:10.1f}")
    return figures


if __name__ == "__main__":
    main()

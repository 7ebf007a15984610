"""How long the concept's real numbers take with clocks that run fast: TR-1 to TR-8, half an hour by the agents' clocks.

Target: scenarios/timeouts in 30 s at `-n 2`. A machine with other work takes longer, since its clocks run slower: so
the load before it is told, too, and how many trials had to be played again.

Run: python -m benchmarks.bench_warp
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.core.events import ProcessExited
from harness.core.history import History
from harness.report.store import HISTORY, VERDICT, read_history

ROOT = Path(__file__).parents[1]
SCENARIOS = "scenarios/timeouts"


def _played_s(runs: Path) -> float:
    """Wall seconds of the whole command."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SCENARIOS, "-n", "2"]
    began = time.perf_counter()
    ran = subprocess.run([*command, "--runs-dir", str(runs)], cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"a benchmark needs scenarios that pass:\n{ran.stdout}{ran.stderr}")
    return time.perf_counter() - began


def _agent_s(history: History) -> float:
    """How long the agent lived, by its own clock."""
    began, gone = history.started(), history.last(ProcessExited)
    return gone.t - began.t if began is not None and gone is not None else 0.0


def main() -> dict[str, float]:
    """Measure, print and return."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        runs = Path(name)
        wall_s = _played_s(runs)
        latest = [file.parent for file in runs.glob(f"**/latest/{HISTORY}")]
        again = [
            json.loads((place / VERDICT).read_text(encoding="utf-8")).get("warp", {}).get("earlier") for place in latest
        ]
        agent_s = sum(_agent_s(read_history(place / HISTORY)) for place in latest)
    figures = {
        "timeouts_s": wall_s,
        "timeouts_agent_min": agent_s / 60,
        "timeouts_trials": float(len(latest)),
        "timeouts_again": float(sum(map(bool, again))),
        "timeouts_load": load,
    }
    for figure, value in figures.items():
        print(f"{figure:<34}{value:10.1f}")
    return figures


if __name__ == "__main__":
    main()

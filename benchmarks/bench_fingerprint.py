"""How long `harness fingerprint zhmcclient` takes for its whole catalogue.

Target: under 90 s on 2 cores.

Run: python -m benchmarks.bench_fingerprint
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from harness.assembly.project import Project
from harness.fingerprint import CASES, fingerprint

ROOT = Path(__file__).parents[1]


def main() -> dict[str, float]:
    """Measure, print and return."""
    began = time.perf_counter()
    _, facts = asyncio.run(fingerprint(Project(ROOT), CASES, sys.executable))
    took_s = time.perf_counter() - began
    assert len(facts) == len(CASES)
    unmet = [item.case for item in facts if not item.met]
    assert not unmet, f"a catalogue that meets nothing is quickly played: {unmet}"
    figures = {"fingerprint_s": took_s, "fingerprint_cases": float(len(facts))}
    for figure, value in figures.items():
        print(f"{figure:<34}{value:10.2f}")
    return figures


if __name__ == "__main__":
    main()

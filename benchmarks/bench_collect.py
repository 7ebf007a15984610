"""How long pytest takes to collect 1,000 scenario files: what a person waits for before the first trial begins."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "harness" / "scenario_file" / "scenario.schema.json"
FILES = 1000
COMBINATIONS = 2
RUNS = 3

_TEXT = """\
# yaml-language-server: $schema={schema}
title: Story {number}
why: A file as people write them, with two combinations.
requirements: [RUN-1, RUN-2, PORT-1]
agent: {{dpm-agent: {{read_timeout: {number}s}}}}
hmc: two-nics
steady:
  - heartbeat: {{count: 3}}
  - ports: {{status: ACTIVE}}
timeline:
  - name: outage
    at: 2s
    fault: "${{fault}}"
    for: 40s
  - on: {{request: "GET /api/cpcs/*", nth: 2, after: healed}}
    fault: hang
  - on: {{step: outage, is: healed, delay: 2s}}
    change: {{remove_nic: {{partition: part-1, nic: nic-2}}}}
expect:
  - keeps_running
  - heartbeat: {{max_gap: 12s}}
  - ports
  - logs: {{level: warning, within: 10s, of: fault}}
  - recovers: {{within: 15s}}
matrix:
  fault: [refuse_connections, {{drip: {{rate: 20B/s}}}}]
"""


def main() -> dict[str, float]:
    """Let pytest collect all files, and one of them; prints and returns what the others take, the best of some runs."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _write_project(root)
        all_, one = _best(root, "scenarios", FILES), _best(root, "scenarios/story-1.scenario.yaml", 1)
    seconds, cpu_seconds = (a - b for a, b in zip(all_, one, strict=True))
    result = {
        "files": FILES,
        "scenarios": FILES * COMBINATIONS,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "files_per_s": round(FILES / seconds),
        "cpus": os.cpu_count() or 0,
    }
    print(result)
    return result


def _write_project(root: Path) -> None:
    """The real profiles and inventories, and the files."""
    shutil.copytree(ROOT / "agent_under_test" / "profiles", root / "agent_under_test" / "profiles")
    shutil.copytree(ROOT / "scenarios" / "inventories", root / "scenarios" / "inventories")
    for profile in (root / "agent_under_test" / "profiles").glob("*.yaml"):
        first, rest = profile.read_text(encoding="utf-8").split("\n", 1)
        line = f"{first.partition('=')[0]}={SCHEMA.with_name('profile.schema.json')}"
        profile.write_text(f"{line}\n{rest}", encoding="utf-8")
    (root / "conftest.py").write_text('pytest_plugins = ["harness.pytest_plugin"]\n', encoding="utf-8")
    for number in range(1, FILES + 1):
        path = root / "scenarios" / f"story-{number}.scenario.yaml"
        path.write_text(_TEXT.format(schema=SCHEMA, number=number), encoding="utf-8")


def _best(root: Path, what: str, files: int) -> tuple[float, float]:
    """Seconds by the wall and of a CPU that pytest takes to collect this, each the least of some runs."""
    runs = [_collect(root, what, files) for _ in range(RUNS)]
    return min(wall for wall, _ in runs), min(cpu for _, cpu in runs)


def _collect(root: Path, what: str, files: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-qq", what]
    began, began_cpu = time.perf_counter(), _cpu()
    run = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    wall, cpu = time.perf_counter() - began, _cpu() - began_cpu
    if run.returncode or _counted(run.stdout) != files * COMBINATIONS:
        raise SystemExit(f"pytest did not collect {files} files:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return wall, cpu


def _counted(text: str) -> int:
    """With -qq pytest tells the tests of each file: ``scenarios/story-1.scenario.yaml: 2``."""
    return sum(int(line.rpartition(": ")[2]) for line in text.splitlines() if ".scenario.yaml: " in line)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

"""What a trial costs beside the agent's start and the scenario's own time, and how exactly faults begin.

Targets: overhead under 200 ms (median); onset of a fault within 10 ms of its time (p99).

Run: python -m benchmarks.bench_trial
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.worker import Worker
from harness.core.events import ProcessExited, StepBegan, WatchEnded
from harness.core.scenario import Scenario
from harness.report.store import RunStore

ROOT = Path(__file__).parents[1]
TRIALS = 15
STEPS = 40
ONSET_TRIALS = 6

HEAD = f"""# yaml-language-server: $schema={ROOT}/harness/scenario_file/scenario.schema.json
why: A benchmark.
requirements: [RUN-1]
agent: dpm-agent
hmc: two-nics
steady:
  - heartbeat: {{count: 1}}
"""

STEP = "  - {{at: {at_ms}ms, fault: {{latency: {{delay: 1ms}}}}, for: {for_ms}ms}}\n"

SHORT = f"{HEAD}title: Short\ntimeline:\n{STEP.format(at_ms=0, for_ms=300)}expect: [keeps_running]\n"

_STEPS = "".join(STEP.format(at_ms=100 * number, for_ms=50) for number in range(STEPS))
MANY = f"{HEAD}title: Many\ntimeline:\n{_STEPS}expect: [keeps_running]\n"


async def _play(project: Project, scenario: Scenario, runs: Path, times: int) -> list[tuple[float, Result]]:
    played = []
    async with Worker(project) as worker:
        for number in range(times + 1):
            folder = RunStore(runs, keep=1000).open(scenario.id, f"{number:03}")
            began = time.perf_counter()
            result = await run_trial(worker, scenario, seed=1, folder=folder)
            played.append((time.perf_counter() - began, result))
    return played[1:]  # the first one reads files and warms up


def _overhead_ms(wall_s: float, result: Result) -> tuple[float, float]:
    """All that is neither the agent's start nor the scenario's time; and the same without the agent's end."""
    history = result.history
    started, ended, gone = history.started(), history.first(WatchEnded), history.last(ProcessExited)
    if started is None or ended is None or gone is None:
        raise AssertionError("the trial did not run to its end")
    rest_s = wall_s - (ended.t - started.t)
    return rest_s * 1e3, (rest_s - (gone.t - ended.t)) * 1e3


def _scenario(project: Project, folder: Path, name: str, text: str) -> Scenario:
    file = folder / f"{name}.scenario.yaml"
    file.write_text(text, encoding="utf-8")
    return project.scenarios(file)[0]


def main() -> dict[str, float]:
    """Measure, print and return."""
    project = Project(ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short = asyncio.run(_play(project, _scenario(project, folder, "short", SHORT), folder, TRIALS))
        many = asyncio.run(_play(project, _scenario(project, folder, "many", MANY), folder, ONSET_TRIALS))
    overheads = [_overhead_ms(wall_s, result) for wall_s, result in short]
    late_ms = sorted((e.t - e.due) * 1e3 for _, result in many for e in result.history.all(StepBegan))
    figures = {
        "overhead_ms": statistics.median(whole for whole, _ in overheads),
        "overhead_without_agents_end_ms": statistics.median(own for _, own in overheads),
        "onset_p50_ms": statistics.median(late_ms),
        "onset_p99_ms": late_ms[int(len(late_ms) * 0.99)],
        "onsets": float(len(late_ms)),
    }
    for figure, value in figures.items():
        print(f"{figure:<34}{value:10.2f}")
    return figures


if __name__ == "__main__":
    main()

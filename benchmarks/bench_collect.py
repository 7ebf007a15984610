"""How long 1,000 scenario files take to load: what a person waits for before the first trial begins."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from harness.checks import CHECKS, CONDITIONS
from harness.core.commands import AddNic, Blackhole, ExpireSessions, Hang, RefuseConnections, RemoveNic, Throttle
from harness.core.requirements import REQUIREMENTS
from harness.core.vocabulary import Vocabulary
from harness.faults import CHANGES, FAULTS
from harness.scenario_file import load

FILES = 1000

_WORDS = Vocabulary(
    faults=FAULTS,
    changes=CHANGES,
    checks=CHECKS,
    conditions=CONDITIONS,
    engines={
        "relay": frozenset((RefuseConnections, Blackhole, Hang, Throttle)),
        "hmc": frozenset((RemoveNic, AddNic, ExpireSessions)),
    },
    requirements=REQUIREMENTS,
    agents={"dpm-agent": {"connect_timeout": "1s", "read_timeout": "2s"}},
    inventories=frozenset({"two-nics"}),
)

_TEXT = """\
# yaml-language-server: $schema=../harness/scenario_file/scenario.schema.json
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
    change: {{remove_nic: {{partition: part-1, nic: nic-{number}}}}}
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
    """Load the files once; prints and returns seconds and scenarios."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = [root / "scenarios" / f"story-{number}.scenario.yaml" for number in range(1, FILES + 1)]
        paths[0].parent.mkdir()
        for number, path in enumerate(paths, 1):
            path.write_text(_TEXT.format(number=number), encoding="utf-8")
        began, began_cpu = time.perf_counter(), time.process_time()
        scenarios = [scenario for path in paths for scenario in load(path, _WORDS, root)]
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    result = {
        "files": FILES,
        "scenarios": len(scenarios),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "files_per_s": round(FILES / seconds),
        "cpus": os.cpu_count() or 0,
    }
    print(result)
    return result


if __name__ == "__main__":
    main()

"""The vocabulary that the loader's tests hand in: real faults and checks, invented engines and agents."""

from __future__ import annotations

from pathlib import Path

from harness.checks import CHECKS, CONDITIONS
from harness.core import commands
from harness.core.profile import HeartbeatSource, Kind, Profile, Timeouts
from harness.core.requirements import REQUIREMENTS
from harness.core.vocabulary import Vocabulary
from harness.engines.mitm import wire
from harness.engines.relay import Relay
from harness.faults import CHANGES, FAULTS

WORDS = Vocabulary(
    faults=FAULTS,
    changes=CHANGES,
    checks=CHECKS,
    conditions=CONDITIONS,
    engines={
        "relay": Relay.CARRIES,
        "mitmproxy": wire.CARRIES,
        "toxiproxy": frozenset((commands.Delay, commands.Throttle)),
        "hmc": frozenset({commands.RemoveNic, commands.AddNic, commands.ExpireSessions, commands.ForgetJobs}),
        "names": frozenset(commands.NameCommand.__subclasses__()),
        "broker": frozenset(commands.NotificationCommand.__subclasses__()),
        "agents": frozenset({commands.RunBystander}),
        "process": frozenset({commands.PauseAgent, commands.KillAgent}),
    },
    requirements=REQUIREMENTS,
    agents={
        "dpm-agent": Profile(
            name="dpm-agent",
            title="A service with everything",
            command=("agent",),
            settings={"connect_timeout": "1s", "connect_retries": "3", "read_timeout": "2s"},
            timeouts=Timeouts(connect_timeout="{connect_timeout}", connect_retries="{connect_retries}"),
            heartbeat=HeartbeatSource.CONTROL_PLANE,
            ports="host",
        ),
        "zhmc-partition-start": Profile(
            name="zhmc-partition-start",
            title="A command",
            command=("zhmc",),
            kind=Kind.ONE_SHOT,
            settings={"partition": "part-idle", "operation_timeout": "60s"},
            whole_seconds=("operation_timeout",),
        ),
        "listener": Profile(
            name="listener", title="A service that only listens", command=("listener",), notifications=True
        ),
    },
    inventories=frozenset({"two-nics", "empty"}),
)

LINE = "# yaml-language-server: $schema=../../harness/scenario_file/scenario.schema.json\n"

HEAD = f"""{LINE}title: A running agent loses the HMC
why: Open vSwitch's agent lives through this.
requirements: [RUN-1]
agent: dpm-agent
hmc: two-nics
"""
"""Six lines that are in order; what follows begins in line 7 (`expect` is not among them)."""


def put(root: Path, text: str | bytes, name: str = "story") -> Path:
    """Write a scenario file as it would lie in a project, which has a schema of its own."""
    schema = root / "harness" / "scenario_file" / "scenario.schema.json"
    schema.parent.mkdir(parents=True, exist_ok=True)
    schema.touch()
    path = root / "scenarios" / "running" / f"{name}.scenario.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path

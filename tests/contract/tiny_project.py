"""A project of its own in a temporary folder: a tiny agent, its scenarios, and pytest run on them in a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCHEMA_LINE = f"# yaml-language-server: $schema={ROOT / 'harness/scenario_file/scenario.schema.json'}\n"
PROFILE_LINE = f"# yaml-language-server: $schema={ROOT / 'harness/scenario_file/profile.schema.json'}\n"

AGENT = '''
"""Connects once. Refused: says so and ends. Connected: stays."""
import socket, sys, threading
host, port, grumble = sys.argv[1], int(sys.argv[2]), sys.argv[3]
try:
    connection = socket.create_connection((host, port))
except OSError as error:
    print(f"ERROR HMC {host}:{port} cannot be used: {error.strerror}; {grumble}", file=sys.stderr)
    sys.exit(1)
print(f"INFO connected to {host}:{port}", flush=True)
threading.Event().wait()
'''

PROFILE = """title: A tiny agent
command: ["{python}", "{root}/tiny_agent.py", "{hmc_host}", "{hmc_port}", "{last_words}"]
environment: {SECRET: "{hmc_password}"}
settings: {last_words: it stops}
timeouts: {connect_timeout: 1s}
log: {level: "^(?P<level>[A-Z]+) "}
"""

REFUSED = """title: It starts while the HMC refuses
why: A test.
requirements: [START-1, START-2]
tags: [starts]
agent: tiny
hmc: two-nics
timeline:
  - at: start
    fault: refuse_connections
expect:
  - exits: {status: failure}
  - says_why
"""

MUTE = REFUSED.replace("agent: tiny", "agent: {tiny: {last_words: good bye}}")
"""The agent does not say that it stops: FAIL."""

UNTOUCHED = """title: A fault that meets nobody
why: A test.
requirements: [RUN-1]
agent: tiny
hmc: two-nics
steady:
  - log: {pattern: connected}
timeline:
  - at: 0s
    fault: ${fault}
    for: 50ms
expect:
  - keeps_running
matrix:
  fault: [hang, {latency: {delay: 1s}}]
"""
"""Nothing is sent, so nothing is touched: UNKNOWN."""

UNMET = UNTOUCHED.replace(
    "[hang, {latency: {delay: 1s}}]",
    "[old_tls, redirect, lost_job, {bad_certificate: {flaw: expired}}, {restart: {away: 50ms}}]",
).replace("    for: 50ms\n", "")
"""The same for faults that need HTTP or TLS, which this agent does not speak, and for one that meets it after all."""

ENDLESS = """title: A trial that lasts
why: A test.
requirements: [RUN-1]
agent: tiny
hmc: two-nics
steady:
  - log: {pattern: connected}
timeline:
  - at: 0s
    fault: blackhole
    for: 60s
expect:
  - keeps_running
"""


@dataclass(frozen=True)
class Ran:
    """How a pytest run ended."""

    status: int
    output: str


@dataclass(frozen=True)
class TinyProject:
    """The folder."""

    root: Path

    @classmethod
    def make(cls, root: Path, **scenarios: str) -> TinyProject:
        """Write the project; each scenario goes into a file of its name."""
        (root / "agent_under_test/profiles").mkdir(parents=True)
        (root / "scenarios/inventories").mkdir(parents=True)
        (root / "conftest.py").write_text('pytest_plugins = ["harness.pytest_plugin"]\n', encoding="utf-8")
        (root / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
        (root / "tiny_agent.py").write_text(AGENT, encoding="utf-8")
        (root / "agent_under_test/profiles/tiny.yaml").write_text(PROFILE_LINE + PROFILE, encoding="utf-8")
        shutil.copy(ROOT / "scenarios/inventories/two-nics.yaml", root / "scenarios/inventories")
        project = cls(root)
        for name, text in scenarios.items():
            project.write(name, text)
        return project

    def write(self, name: str, text: str) -> Path:
        """Write a scenario."""
        file = self.root / "scenarios" / f"{name}.scenario.yaml"
        file.write_text(SCHEMA_LINE + text, encoding="utf-8")
        return file

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start pytest and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "HOME": str(self.root), "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pytest(self, *arguments: str) -> Ran:
        """Run pytest to its end."""
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=60)
            return Ran(process.returncode, output)

    def verdict(self, scenario: str) -> dict[str, object]:
        """What the latest trial of a scenario stored."""
        text = (self.root / "runs" / scenario / "latest/verdict.json").read_text(encoding="utf-8")
        data: dict[str, object] = json.loads(text)
        return data

    def events(self, scenario: str) -> list[dict[str, object]]:
        """The latest trial's history as it stands; a line that is being written is left out."""
        file = self.root / "runs" / scenario / "latest/history.jsonl"
        lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
        return [json.loads(line) for line in lines]

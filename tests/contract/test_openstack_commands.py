"""The concept's own proof, by its own two commands: what an operator sees of an agent whose HMC is sick.

docs/neutron.md quotes them; `make neutron-docs` records them anew, and each other run compares.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.worker import Worker
from harness.control_plane.neutron import NeutronControlPlane
from harness.core.profile import PlaneKind
from harness.core.verdict import Outcome
from harness.report.store import RunStore, TrialFolder
from tests.contract.plane_world import NEUTRON_DOWN_S, ROOT, RealNeutron

pytestmark = [pytest.mark.contract, pytest.mark.neutron]

OPENSTACK = ROOT / ".venvs/openstackclient/bin/openstack"
PAGE = ROOT / "docs/neutron.md"

ALIVE, DEAD = ":-)", "XXX"
"""What the command makes of `alive`, True and False."""

AGENT = ("-c", "binary", "-c", "host", "-c", "alive", "-c", "last_heartbeat_at", "-c", "started_at")
PORT = ("-c", "name", "-c", "status", "-c", "binding_host_id", "-c", "binding_vif_type", "-c", "mac_address")

HEAD = f"""# yaml-language-server: $schema={ROOT}/harness/scenario_file/scenario.schema.json
title: What an operator sees
why: The concept speaks of these two commands.
requirements: [RUN-1, RUN-2, PORT-1]
agent: dpm-agent
hmc: two-nics
agent_down_time: {NEUTRON_DOWN_S}s
steady:
  - heartbeat: {{count: 3}}
  - ports: {{status: ACTIVE}}
"""

SICK = f"""{HEAD}timeline:
  - {{at: 0s, fault: refuse_connections, for: 25s}}
  - {{at: 28s, fault: hang, for: 25s}}
expect:
  - keeps_running: {{after: 3s}}
  - heartbeat: {{max_gap: 8s}}
  - ports: {{status: ACTIVE}}
"""

KILLED = f"""{HEAD}timeline:
  - {{at: 0s, fault: kill_agent, for: 30s}}
expect:
  - keeps_running: {{after: 3s}}
"""


@dataclass
class Stage:
    """A trial that is being played, and the operator's terminal beside it."""

    trial: asyncio.Task[Result]
    folder: TrialFolder
    real: RealNeutron

    def events(self) -> list[dict[str, object]]:
        """The history as it stands; a line that is being written is left out."""
        file = self.folder.path / "history.jsonl"
        lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
        return [json.loads(line) for line in lines]

    def has(self, event: str, step: int) -> bool:
        return any(e["event"] == event and e["step"] == step for e in self.events())

    async def begun(self, step: int) -> None:
        """Wait until a step is in force."""
        deadline = time.monotonic() + 90
        while not self.has("StepBegan", step):
            assert not self.trial.done(), self.trial.result().verdict
            assert time.monotonic() < deadline, f"step {step} did not begin"
            await asyncio.sleep(0.1)  # the pace of looking, not a time that anything is given

    @property
    def host(self) -> str:
        """The agent's host in Neutron."""
        address = next(str(e["address"]) for e in self.events() if e["event"] == "TrialBegan")
        return NeutronControlPlane(self.real.kept.addresses, address.partition(":")[0]).host_of("dpm-host-1")

    async def openstack(self, *words: str) -> str:
        """What the command prints."""
        options = ["--os-auth-type", "none", "--os-endpoint", self.real.kept.addresses.api_url]
        process = await asyncio.create_subprocess_exec(
            OPENSTACK,
            *options,
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder.path), "LANG": "C.UTF-8"},
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def ids(self) -> tuple[str, str]:
        """The agent's id and one of its ports'."""
        agents = await self.openstack("network", "agent", "list", "--host", self.host, "-f", "value", "-c", "ID")
        ports = await self.openstack(
            "port", "list", "--host", self.host, "-f", "value", "-c", "ID", "--sort-column", "Name"
        )
        return agents.split()[0], ports.split()[0]


def play(real: RealNeutron, tmp_path: Path, text: str, look: Callable[[Stage], Awaitable[None]]) -> Result:
    """Play a scenario on the real Neutron, and look at it meanwhile."""

    async def run() -> Result:
        file = tmp_path / "operator.scenario.yaml"
        file.write_text(text, encoding="utf-8")
        project = Project(ROOT, control_plane=PlaneKind.NEUTRON)
        (scenario,) = project.scenarios(file)
        folder = RunStore(tmp_path / "runs", keep=1).open(scenario.id, "1")
        async with Worker(project, real.kept.addresses) as worker:
            trial = asyncio.create_task(run_trial(worker, scenario, seed=1, folder=folder))
            try:
                await look(Stage(trial, folder, real))
                return await trial
            finally:
                trial.cancel()
                await asyncio.wait({trial})

    return asyncio.run(run())


def rows(table: str) -> dict[str, str]:
    """Field and value of each line of a table."""
    found = re.findall(r"^\| (\S+) +\| (.*?) *\|$", table, re.MULTILINE)
    return {name: value for name, value in found if name != "Field"}


def test_during_an_outage_the_agent_is_alive_its_heartbeat_moves_and_its_ports_are_active(
    neutron: RealNeutron, tmp_path: Path
) -> None:
    seen: dict[str, str] = {}

    async def look(stage: Stage) -> None:
        for step, name in enumerate(("refused", "hung"), start=1):
            await stage.begun(step)
            agent, port = await stage.ids()
            first = await stage.openstack("network", "agent", "show", agent, *AGENT)
            seen[f"{name}: port"] = await stage.openstack("port", "show", port, *PORT)
            again = await stage.openstack("network", "agent", "show", agent, *AGENT)
            seen.update({f"{name}: agent": first, f"{name}: agent again": again})
            assert not stage.has("StepHealed", step), "the commands took longer than the outage"
            assert rows(first)["alive"] == rows(again)["alive"] == ALIVE
            assert rows(first)["last_heartbeat_at"] < rows(again)["last_heartbeat_at"]
            assert rows(first)["started_at"] == rows(again)["started_at"]
            assert rows(seen[f"{name}: port"])["status"] == "ACTIVE"

    result = play(neutron, tmp_path, SICK, look)
    assert result.verdict.outcome is Outcome.PASS, result.verdict
    page_says(seen)


def test_an_agent_that_was_killed_is_not_alive_after_agent_down_time(neutron: RealNeutron, tmp_path: Path) -> None:
    seen: dict[str, str] = {}

    async def look(stage: Stage) -> None:
        await stage.begun(1)
        agent, port = await stage.ids()
        table = await stage.openstack("network", "agent", "show", agent, *AGENT)
        while rows(table)["alive"] == ALIVE:
            assert not stage.has("StepHealed", 1), "it was alive for as long as it was dead"
            table = await stage.openstack("network", "agent", "show", agent, *AGENT)
        assert rows(table)["alive"] == DEAD
        seen["killed: agent"] = table
        seen["killed: port"] = await stage.openstack("port", "show", port, *PORT)
        # Nobody is there who could say otherwise: the port of a dead agent keeps its status.
        assert rows(seen["killed: port"])["status"] == "ACTIVE"

    play(neutron, tmp_path, KILLED, look)
    page_says(seen)


def page_says(seen: dict[str, str]) -> None:
    """The page quotes these tables: the same fields, and the same values where they tell no run from another."""
    if os.environ.get("RECORD_DOCS"):
        text = PAGE.read_text(encoding="utf-8")
        for name, table in seen.items():
            text = _block(name).sub(_with(table), text)
        PAGE.write_text(text, encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    for name, table in seen.items():
        quoted = _block(name).search(page)
        assert quoted is not None, f"{PAGE.name} has no block <!-- {name} -->"
        assert _stable(quoted[2]) == _stable(table), f"{name}: record the page anew: make neutron-docs"


def _with(table: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f"{found[1]}{table}{found[3]}"


def _block(name: str) -> re.Pattern[str]:
    """A block of the page: its mark and the command, the table, the end."""
    return re.compile(rf"(<!-- {name} -->\n```\n\$ .*?\n)(.*?)(```)", re.DOTALL)


_OF_ONE_RUN = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\dZ]*"), "<time>"),
    (re.compile(r"dpm-host-1(-\d+){3}"), "<host>"),
    (re.compile(r"fa(:[0-9a-f]{2}){5}"), "<mac>"),
    (re.compile(r"10\.0\.\d+\.\d+"), "<address>"),
    (re.compile(r"'?vlan'?[=:] ?'?\d+'?"), "<vlan>"),
)


def _stable(table: str) -> dict[str, str]:
    found = rows(table)
    # Neutron counts what happened before the trial's zero, too.
    found.pop("revision_number", None)
    for pattern, word in _OF_ONE_RUN:
        found = {name: pattern.sub(word, value) for name, value in found.items()}
    return found

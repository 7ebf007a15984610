"""Every fault of the registry, armed and not met: whatever it is, the verdict is UNKNOWN, and for that reason alone.

That each has bitten is told from data in tests/faults/test_every_fault_bites.py.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_type_hints

import psutil
import pytest

from harness.assembly.project import Project
from harness.assembly.trial import run_trial
from harness.assembly.worker import Worker
from harness.core.commands import AgentCommand, NameCommand, StopBus, StopServer
from harness.core.profile import Kind
from harness.core.values import Unit
from harness.core.verdict import Finding, Outcome, Verdict
from harness.core.vocabulary import Action, Composition
from harness.faults import FAULTS
from harness.faults.slow_name import SlowName
from harness.fingerprint.agent_cases import agent_cases
from harness.fingerprint.words import words_of
from harness.report.store import RunStore
from harness.scenario_file import from_document
from tests.contract.tiny_project import PROFILE, PROFILE_LINE, TinyProject

pytestmark = pytest.mark.contract

LANES = 2
SHORT_S = 0.05
IDLE = """# An agent that has no business with anybody.
import threading
print("INFO up", flush=True)
threading.Event().wait()
"""
EXAMPLES: Mapping[str, Action | Composition] = {"slow_name": SlowName(delay=1.0)}
"""Faults that cannot be made without settings, and stand in no catalogue of the fingerprint."""


def example(word: str) -> Action | Composition:
    """One of each, with phases as short as can be."""
    cls = FAULTS[word]
    if word in EXAMPLES:
        return EXAMPLES[word]
    found = next((case.fault for case in agent_cases(Kind.SERVICE) if type(case.fault) is cls), None)
    found = found or next((case.fault for case in agent_cases(Kind.ONE_SHOT) if type(case.fault) is cls), None)
    made = found or cls()
    return _shortened(cast(Composition, made)) if hasattr(made, "parts") else made


def _shortened(composition: Composition) -> Composition:
    hints = get_type_hints(type(composition), include_extras=True)
    names = [item.name for item in dataclasses.fields(composition)]  # type: ignore[arg-type]  # as each fault is one
    short = {name: SHORT_S for name in names if Unit.DURATION in getattr(hints[name], "__metadata__", ())}
    return dataclasses.replace(composition, **short)  # type: ignore[type-var]


def is_only_armed(fault: Action | Composition) -> bool:
    """Nobody but its own trigger keeps a fault of the process from it; and a bus is only where a real Neutron is."""
    return not hasattr(fault, "parts") and isinstance(fault.command(), AgentCommand | StopBus | StopServer)


def is_of_names(fault: Action | Composition) -> bool:
    """It wants an HMC that is known by a name."""
    return not hasattr(fault, "parts") and isinstance(fault.command(), NameCommand)


def document(word: str) -> str:
    """A trial in which the fault is in force, or armed, before an agent that never comes near the HMC."""
    fault = example(word)
    entry: dict[str, object] = {"fault": words_of(fault)}
    if is_only_armed(fault):
        entry["on"] = {"log": "what it never says"}
    else:
        entry["at"] = "0s"
        entry |= {} if hasattr(fault, "parts") else {"for": f"{SHORT_S}s"}
    scenario = {
        "title": "A fault that meets nobody",
        "why": "A test.",
        "requirements": ["RUN-1"],
        "agent": "idle",
        "hmc": {"two-nics": {"reached_by": "name"}} if is_of_names(fault) else "two-nics",
        "steady": [{"log": {"pattern": "up"}}],
        "give_up_after": "2s",
        "timeline": [entry],
        "expect": ["keeps_running"],
    }
    return json.dumps({"id": word, "file": "x", "place": [1, 1], "steps": [[1, 1]], "scenario": scenario})


def project(folder: Path) -> Project:
    """One with the idle agent."""
    tiny = TinyProject.make(folder)
    (tiny.root / "idle_agent.py").write_text(IDLE, encoding="utf-8")
    # It says that it listens to notifications, so that their faults are let in front of it.
    profile = PROFILE.replace("tiny_agent.py", "idle_agent.py") + "notifications: true\n"
    (tiny.root / "agent_under_test/profiles/idle.yaml").write_text(PROFILE_LINE + profile, encoding="utf-8")
    return Project(tiny.root)


async def played(it: Project, words: list[str]) -> dict[str, Verdict]:
    """The verdict on each of them."""
    waiting, found, store = iter(words), {}, RunStore(it.root / "runs", keep=1)

    async def lane() -> None:
        async with Worker(it) as worker:
            for word in waiting:
                scenario = from_document(document(word), it.vocabulary)
                found[word] = (await run_trial(worker, scenario, seed=1, folder=store.open(word, "1"))).verdict

    async with asyncio.TaskGroup() as group:
        for _ in range(LANES):
            group.create_task(lane())
    return found


def proves_nothing(finding: Finding, *, armed_only: bool) -> bool:
    """Because of what the fault did not meet, and not for another reason."""
    if armed_only:
        return finding.check == "timeline" and "never began" in finding.words
    return finding.check == "witness" and "touched nothing" in finding.words


def test_no_fault_passes_that_met_nobody(tmp_path: Path) -> None:
    """One test for all, since the engines are made once for it; a fault that is added is played here by itself."""
    verdicts = asyncio.run(played(project(tmp_path), list(FAULTS)))
    assert verdicts.keys() == FAULTS.keys()
    wrong = {}
    for word, verdict in verdicts.items():
        unknown = [finding for finding in verdict.findings if finding.outcome is not Outcome.PASS]
        armed_only = is_only_armed(example(word))
        if verdict.outcome is not Outcome.UNKNOWN or not all(proves_nothing(f, armed_only=armed_only) for f in unknown):
            wrong[word] = [f"{finding.outcome} {finding.check}: {finding.words}" for finding in verdict.findings]
    assert not wrong
    assert psutil.Process().children() == []

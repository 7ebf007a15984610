"""The registries of checks and conditions are complete, and what all checks have in common."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from pathlib import Path

import pytest

import harness.checks
from harness.checks import CHECKS, CONDITIONS
from harness.checks.attempts import Attempts, What
from harness.checks.elapsed import Elapsed
from harness.checks.exits import Exits
from harness.checks.heartbeat import HeartbeatGap
from harness.checks.keeps_running import KeepsRunning
from harness.checks.keeps_secrets import KeepsSecrets
from harness.checks.logs import LogRate, Logs
from harness.checks.only_reads import OnlyReads
from harness.checks.ports import PortsStay
from harness.checks.recovers import Recovers
from harness.checks.says_why import SaysWhy
from harness.checks.sees_truth_again import SeesTruthAgain
from harness.checks.spacing import Spacing
from harness.core.history import History
from harness.core.verdict import Check, Outcome
from tests.playbook import story, watched

EXAMPLES: dict[str, Check] = {
    "attempts": Attempts(what=What.CONNECTIONS, at_most=5),
    "elapsed": Elapsed(takes=30.0),
    "exits": Exits(),
    "heartbeat": HeartbeatGap(max_gap=3.0),
    "keeps_running": KeepsRunning(),
    "keeps_secrets": KeepsSecrets(),
    "log_rate": LogRate(at_most=5, per=1.0),
    "logs": Logs(within=2.0),
    "only_reads": OnlyReads(),
    "ports": PortsStay(),
    "recovers": Recovers(within=3.0),
    "says_why": SaysWhy(),
    "sees_truth_again": SeesTruthAgain(within=3.0),
    "spacing": Spacing(what=What.CONNECTIONS, every=30.0),
}


def test_there_is_an_example_of_each_check() -> None:
    assert {name: type(check) for name, check in EXAMPLES.items()} == CHECKS


def test_each_class_with_a_judgement_in_a_file_of_the_room_has_its_line_in_a_registry() -> None:
    folder = Path(harness.checks.__file__).parent
    modules = [import_module(f"harness.checks.{p.stem}") for p in folder.glob("*.py") if p.stem != "__init__"]
    classes = {c for m in modules for c in vars(m).values() if isinstance(c, type) and c.__module__ == m.__name__}
    assert {c for c in classes if hasattr(c, "judge")} == set(CHECKS.values())
    assert {c for c in classes if hasattr(c, "missing")} == set(CONDITIONS.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_finding_bears_the_name_by_which_scenarios_call_the_check(name: str) -> None:
    assert EXAMPLES[name].judge(story()).check == name


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("history", [story(), story(watched())])
def test_no_check_passes_or_fails_on_no_evidence(name: str, history: History) -> None:
    assert EXAMPLES[name].judge(history).outcome is Outcome.UNKNOWN
    assert EXAMPLES[name].watch_until(history) == 0.0


@pytest.mark.parametrize("cls", [*CHECKS.values(), *CONDITIONS.values()])
def test_settings_are_frozen_and_named(cls: type) -> None:
    params = cls.__dataclass_params__  # type: ignore[attr-defined] # what a dataclass is known by
    assert params.frozen
    assert all(item.kw_only for item in dataclasses.fields(cls))

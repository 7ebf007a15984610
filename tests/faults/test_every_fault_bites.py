"""Every fault of the registry bites somewhere: a shipped scenario passes only where its fault has met traffic.

That none passes where it met nobody is the business of tests/contract/test_every_fault_unmet.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.faults import FAULTS
from harness.pytest_plugin.choice import NIGHTLY

ROOT = Path(__file__).parents[2]

PROVED_ELSEWHERE: Mapping[str, str] = {}
"""Faults that no scenario can play, each with the contract test in which it bites: ``tests/contract/FILE.py::TEST``."""


@cache
def played() -> Mapping[str, str]:
    """By fault a scenario that plays it on each change: what is nightly may be broken for a day."""
    found: dict[str, str] = {}
    for scenario in Project(ROOT).all_scenarios([ROOT / "scenarios"]):
        if NIGHTLY in scenario.tags:
            continue
        for entry in json.loads(scenario.document)["scenario"].get("timeline", []):
            fault = entry.get("fault")
            if fault is not None:
                found.setdefault(fault if isinstance(fault, str) else next(iter(fault)), scenario.id)
    return found


@pytest.mark.parametrize("word", FAULTS)
def test_a_scenario_plays_it(word: str) -> None:
    if word in PROVED_ELSEWHERE:
        file, _, test = PROVED_ELSEWHERE[word].partition("::")
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")
    else:
        todo = f"write a scenario in which {word} meets its agent, or name its contract test here"
        assert word in played(), f"{todo}; one that is tagged {NIGHTLY} does not count"


def test_no_proof_is_named_that_is_not_needed() -> None:
    assert PROVED_ELSEWHERE.keys() <= FAULTS.keys()
    assert not PROVED_ELSEWHERE.keys() & played().keys()

"""The story of the upstream agent tells each finding on record, in the record's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.core.profile import PlaneKind
from harness.core.verdict import Known

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs/upstream-agent.md").read_text(encoding="utf-8").split())
SCENARIOS = Project(ROOT, control_plane=PlaneKind.NEUTRON).all_scenarios([ROOT / "scenarios/upstream"])
RECORDS = sorted({record for scenario in SCENARIOS for record in scenario.known}, key=lambda record: record.check)


def test_there_are_records_of_each_break_that_the_page_tells() -> None:
    assert [record.check for record in RECORDS] == ["heartbeat", "keeps_running", "ports", "says_why"]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.check)
def test_the_page_tells_the_finding(record: Known) -> None:
    _, found, after = PAGE.partition(f"PASS {record.check} known finding: ")
    assert found
    finding, ends, _ = after.partition(f"({record.because})")
    assert ends
    assert record.says in finding
    assert " PASS " not in finding

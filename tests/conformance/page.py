"""Writes what the judge found into docs/conformance.md."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import zhmcclient

from tests.conformance.counts import Counts
from tests.conformance.skips import SKIPS, Skip

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
BEGIN, END = "<!-- written by make conformance ARGS=--record -->\n", "<!-- until here -->\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for an inventory."""

    counts: Counts
    yardstick: Counts | None
    """With zhmcclient's own mock, where that takes the inventory."""

    @property
    def lacking(self) -> list[str]:
        """Tests that pass with the yardstick, and not here."""
        return sorted(self.yardstick.names - self.counts.names) if self.yardstick else []


def record(outcomes: Mapping[str, Outcome]) -> None:
    """Put the counts in the place of those that the page has."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(before + BEGIN + tables(outcomes) + END + after, encoding="utf-8")


def tables(outcomes: Mapping[str, Outcome]) -> str:
    """Passes and failures, then each reason of a skip with its number of tests for each inventory."""
    lines = [
        f"zhmcclient {zhmcclient.__version__}, {platform.python_implementation()} {platform.python_version()}:",
        "",
        "| inventory | passed | failed | skipped | passed with zhmcclient's own mock |",
        "|---|---|---|---|---|",
        *(_outcome(name, outcome) for name, outcome in outcomes.items()),
        "",
        f"| a test says | because | {' | '.join(outcomes)} |",
        f"|---|---|{'---|' * len(outcomes)}",
        *(_skip(skip, outcomes) for skip in SKIPS),
    ]
    return "\n".join([*lines, ""])


def _outcome(name: str, outcome: Outcome) -> str:
    counts = outcome.counts
    yardstick = outcome.yardstick.passed if outcome.yardstick else ""
    return f"| {name} | {counts.passed} | {len(counts.failed)} | {counts.skipped.total()} | {yardstick} |"


def _skip(skip: Skip, outcomes: Mapping[str, Outcome]) -> str:
    numbers = (
        sum(count for reason, count in outcome.counts.skipped.items() if skip.means(reason))
        for outcome in outcomes.values()
    )
    return f"| {skip.says} | {skip.why} | {' | '.join(str(number or '') for number in numbers)} |"

"""How a run of zhmcclient's tests ended, read from the report that pytest writes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from xml.etree import ElementTree

from tests.conformance.skips import explained


@dataclass(frozen=True, slots=True)
class Counts:
    """How a run ended."""

    names: frozenset[str]
    """The tests that passed, named the same whatever HMC they ran against."""
    failed: tuple[str, ...]
    skipped: Counter[str]
    """Number of tests by the reason that they gave."""

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return len(self.names)

    @property
    def unexplained(self) -> list[str]:
        """Reasons of skips that nobody has looked into."""
        return sorted(reason for reason in self.skipped if explained(reason) is None)

    def good(self, least: int) -> bool:
        """Whether this is success."""
        return not self.failed and not self.unexplained and self.passed >= least


def counts_of(root: ElementTree.Element) -> Counts:
    """Count."""
    passed: set[str] = set()
    failed: list[str] = []
    skipped: Counter[str] = Counter()
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}::{_without_hmc(case.get('name', ''))}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif skip is not None:
            skipped[_without_hmc(skip.get("message", ""))] += 1
        else:
            passed.add(name)
    return Counts(frozenset(passed), tuple(failed), skipped)


def _without_hmc(text: str) -> str:
    return re.sub(r"127(\.\d+){3}|mocked_hmc_z\d+", "HMC", text)


def told(name: str, counts: Counts) -> str:
    """What a person reads."""
    lines = [f"{name}: {counts.passed} passed, {len(counts.failed)} failed, {counts.skipped.total()} skipped"]
    lines += [f"  FAILED {test}" for test in counts.failed]
    for reason, count in counts.skipped.most_common():
        skip = explained(reason)
        lines.append(
            f"  skipped {count:3} x {reason}: {skip.why if skip else 'NOT EXPLAINED in tests/conformance/skips.py'}"
        )
    return "\n".join(lines)

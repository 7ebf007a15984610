"""docs/faults.md is what the faults and changes say of themselves, and docs/engines.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

from harness.assembly.faults_page import PAGE, page
from harness.faults import CHANGES, FAULTS

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "type: make schema"


def test_the_page_names_every_word_once() -> None:
    for word in (*FAULTS, *CHANGES):
        assert page().count(f"\n## `{word}`\n") == 1


def test_each_known_difference_of_the_engines_has_its_test() -> None:
    text = (ROOT / "docs/engines.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", text)
    assert len(named) >= 6
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file} has no {test}"
    suite = (ROOT / "tests/contract/test_engine_parity.py").read_text(encoding="utf-8")
    for test in re.findall(r"def (test_difference_\w+)\(", suite):
        assert any(name == test for _, name in named), f"docs/engines.md does not name {test}"

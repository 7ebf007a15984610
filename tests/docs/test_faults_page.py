"""docs/faults.md is what the faults and changes say of themselves, and docs/engines.md names tests that there are."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from harness.assembly.faults_page import PAGE, page
from harness.faults import CHANGES, FAULTS
from harness.scenario_file.kinds import Reading
from harness.scenario_file.nodes import Scalar
from harness.scenario_file.problems import Problems
from harness.scenario_file.shapes import Field, record_of

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "type: make schema"


FACTS = [word for word, cls in FAULTS.items() if not hasattr(cls, "parts")]


@pytest.mark.parametrize("word", FACTS)
def test_each_fault_says_what_heals_and_what_proves_it_in_words_of_its_own(word: str) -> None:
    """A composition is healed and proved by its phases."""
    cls = FAULTS[word]
    healing, witness = getattr(cls, "healing", ""), getattr(cls, "witness", "")
    assert healing.endswith("."), f"{cls.__name__}.healing: say in a sentence what becomes of what it touched"
    assert witness, f"{cls.__name__}.witness: say what in a history proves that it touched something"
    assert not witness.endswith("."), "the page ends the sentence"
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## `{word}`\n")[2].partition("\n## ")[0]
    assert f"- Healing: {healing}\n- Witness: {witness}." in section


def test_the_page_names_every_word_once() -> None:
    for word in (*FAULTS, *CHANGES):
        assert page().count(f"\n## `{word}`\n") == 1


DEFAULTS = [
    (word, name, field, inspect.signature(cls).parameters[field.attribute].default)
    for word, cls in {**FAULTS, **CHANGES}.items()
    for name, field in record_of(cls).fields.items()
    if not field.required
]


@pytest.mark.parametrize(
    ("word", "name", "field", "value"), DEFAULTS, ids=[f"{word}-{name}" for word, name, *_ in DEFAULTS]
)
def test_what_is_shown_as_a_default_can_be_typed_and_is_what_it_says(
    word: str, name: str, field: Field, value: object
) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## `{word}`\n")[2].partition("\n## ")[0]
    shown = re.search(rf"^\| `{name}` \| `([^`]*)` \|", section, re.MULTILINE)
    assert shown, f"{word} shows no default of {name}"
    reading = Reading(Problems("x"), {})
    assert field.kind.read(Scalar(shown[1], plain=True, line=1, column=1), reading, name) == value


def test_each_known_difference_of_the_engines_has_its_test() -> None:
    text = (ROOT / "docs/engines.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", text)
    assert len(named) >= 6
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file} has no {test}"
    suite = (ROOT / "tests/contract/test_engine_parity.py").read_text(encoding="utf-8")
    for test in re.findall(r"def (test_difference_\w+)\(", suite):
        assert any(name == test for _, name in named), f"docs/engines.md does not name {test}"

"""docs/write-a-scenario.md is true: its examples load, and its tables are what faults and checks say of themselves."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from harness.assembly.faults_page import as_typed
from harness.assembly.project import Project
from harness.checks import CHECKS, CONDITIONS
from harness.core.requirements import REQUIREMENTS
from harness.errors import BadInput
from harness.faults import CHANGES, FAULTS
from harness.scenario_file import load
from harness.scenario_file.language import ScenarioText
from harness.scenario_file.shapes import Field, record_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "write-a-scenario.md").read_text(encoding="utf-8")
FAMILIES: Mapping[str, Mapping[str, type]] = {
    "fault": FAULTS,
    "change": CHANGES,
    "check": CHECKS,
    "condition": CONDITIONS,
}


def whole_files() -> list[str]:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if block.startswith("# yaml-language-server")]


def fragments() -> list[str]:
    return re.findall(r"^```yaml\n(- .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def rows() -> Iterator[str]:
    for words in FAMILIES.values():
        for word, cls in words.items():
            record = record_of(cls)
            doc = " ".join((cls.__doc__ or "").split("\n\n")[0].split())
            settings = "; ".join(setting(name, field, cls) for name, field in record.fields.items())
            yield f"| `{word}` | {doc} | {settings} |"


def setting(name: str, field: Field, cls: type) -> str:
    if field.required:
        return f"**`{name}`**: {field.says}"
    return f"`{name}` (`{default(field, cls)}`): {field.says}"


def default(field: Field, cls: type) -> str:
    value = next(item.default for item in dataclasses.fields(cls) if item.name == field.attribute)
    if isinstance(value, re.Pattern):
        return "any" if not value.pattern else "a list of usual words"
    return as_typed(value, field.kind)


def test_the_page_holds_whole_files_and_fragments() -> None:
    assert len(whole_files()) >= 1
    assert len(fragments()) >= 4


@pytest.mark.parametrize("number", range(len(whole_files())))
def test_each_whole_file_of_the_page_loads(tmp_path: Path, number: int) -> None:
    path = tmp_path / "scenarios" / "running" / "example.scenario.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(whole_files()[number], encoding="utf-8")
    assert load(path, Project(ROOT).vocabulary, tmp_path)


def test_the_first_scenario_of_the_readme_loads(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n(# yaml-language-server.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (named,) = re.findall(r"^Write `(scenarios/\S+)`:$", readme, re.MULTILINE)
    path = tmp_path / named
    path.parent.mkdir(parents=True)
    path.write_text(block, encoding="utf-8")
    assert load(path, Project(ROOT).vocabulary, tmp_path)
    assert (
        f"pytest {named}\nharness judge runs/{named.removeprefix('scenarios/').removesuffix('.scenario.yaml')} "
        in readme
    )


def test_each_agent_that_is_installed_is_named_where_it_is_said(tmp_path: Path) -> None:
    (listed,) = re.findall(r"^agents: \$\(foreach agent,([^,]+),", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    page = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"^`make agents` installs (.*?), each into", page, re.MULTILINE | re.DOTALL)
    assert len(re.split(r", | and ", said)) == len(listed.split())


@pytest.mark.parametrize("number", range(len(fragments())))
def test_each_timeline_of_the_page_loads(tmp_path: Path, number: int) -> None:
    head = whole_files()[0].split("steady:")[0]
    path = tmp_path / "scenarios" / "running" / "example.scenario.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f"{head}expect: [keeps_running]\ntimeline:\n{fragments()[number]}", encoding="utf-8")
    assert load(path, Project(ROOT).vocabulary, tmp_path)


@pytest.mark.parametrize("row", list(rows()))
def test_each_word_stands_on_the_page_as_it_describes_itself(row: str) -> None:
    assert row in PAGE.splitlines(), f"write this line into docs/write-a-scenario.md:\n{row}"


def test_the_page_names_every_key_and_every_demand() -> None:
    for word in record_of(ScenarioText).fields:
        assert f"| `{word}` |" in PAGE, word
    for requirement in REQUIREMENTS:
        assert re.search(rf"\b{requirement}\b", PAGE), requirement


def test_the_message_that_the_page_shows_is_what_is_told(tmp_path: Path) -> None:
    text = whole_files()[0].replace("max_gap: 12s", "max_gap: 12").replace("refuse_connections", "refuse_conections")
    path = tmp_path / "scenarios" / "running" / "loses-the-hmc.scenario.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load(path, Project(ROOT).vocabulary, tmp_path)
    assert f"```text\n{caught.value}\n```" in PAGE

"""The editors' schemas are current and valid, take what the loader takes, and refuse what they can."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest

from harness.assembly.project import Project
from harness.errors import BadInput
from harness.scenario_file import profile_schema, reader, schema, write_schemas
from harness.scenario_file.nodes import Entries, Items, Node, Scalar
from harness.scenario_file.problems import Problems
from tests.scenario_file.test_good_files import STORIES
from tests.scenario_file.words import HEAD, WORDS

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "harness" / "scenario_file"


def as_editors_see(node: Node) -> object:
    """The values of YAML 1.2's core schema, by which editors' YAML servers read a file."""
    match node:
        case Items(items=items):
            return [as_editors_see(item) for item in items]
        case Entries(entries=entries):
            return {word: as_editors_see(value) for word, (_, value) in entries.items()}
        case Scalar(text=text, plain=plain):
            return _resolved(text) if plain else text


def _resolved(text: str) -> object:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


def parsed(text: str) -> object:
    return as_editors_see(reader.parse(text, Problems("text")))


def errors(the_schema: dict[str, object], text: str) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(the_schema).iter_errors(parsed(text))]


def test_the_schemas_are_valid_themselves() -> None:
    jsonschema.Draft7Validator.check_schema(schema(WORDS))
    jsonschema.Draft7Validator.check_schema(profile_schema())


def test_the_shipped_schemas_are_current() -> None:
    write_schemas(SHIPPED, Project(ROOT).vocabulary, check=True)


@pytest.mark.parametrize("name", STORIES)
def test_the_schema_takes_each_form(name: str) -> None:
    assert errors(schema(WORDS), HEAD + STORIES[name]) == []


def test_the_schema_takes_the_projects_scenarios_and_profiles() -> None:
    words = schema(Project(ROOT).vocabulary)
    for file in sorted((ROOT / "scenarios").rglob("*.scenario.yaml")):
        assert (file.name, errors(words, file.read_text(encoding="utf-8"))) == (file.name, [])
    for file in sorted((ROOT / "agent_under_test/profiles").glob("*.yaml")):
        assert (file.name, errors(profile_schema(), file.read_text(encoding="utf-8"))) == (file.name, [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "expect: []\n",
        "expect: [keep_running]\n",
        "expect: [keeps_running]\nstedy: []\n",
        "expect: [{heartbeat: {max_gap: 12}}]\n",
        "expect: [heartbeat]\n",
        "expect: [{recovers: {within: 5s, fresh_session: yes}}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 5, fault: hang}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 5m, fault: hang}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 0s, on: {request: /x}, fault: hang}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 0s, fault: hang, change: expire_sessions}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 0s}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 0s, fault: hagn}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 0s, fault: {http_error: {status: 600}}}]\n",
        "expect: [keeps_running]\ntimeline: [{on: {request: /x, is: began}, fault: hang}]\n",
        "expect: [keeps_running]\ntimeline: [{at: 0s, fault: hang, engine: relais}]\n",
    ],
)
def test_the_schema_marks_slips_while_they_are_written(text: str) -> None:
    assert errors(schema(WORDS), HEAD + text) != []


def test_the_schema_explains_words_and_settings() -> None:
    made = schema(WORDS)
    faults = made["definitions"]["faults"]["anyOf"]  # type: ignore[index]  # a tree of JSON
    drip = faults[1]["properties"]["drip"]
    assert drip["description"].startswith("Bytes come one at a time.")
    assert drip["anyOf"][0]["properties"]["rate"]["description"] == "bytes a second, one by one"


def test_a_schema_that_is_not_current_is_told_and_writing_mends_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^scenario\.schema\.json: not what the words .* type: harness schema$"):
        write_schemas(tmp_path, WORDS, check=True)
    write_schemas(tmp_path, WORDS)
    write_schemas(tmp_path, WORDS, check=True)

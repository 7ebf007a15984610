"""The JSON Schemas by which editors complete and check scenarios and profiles while they are written.

They are made of the same annotations and words as the loader. A loader knows more than a schema can say, so what an
editor accepts may still be refused; what an editor refuses is always wrong.
"""

from __future__ import annotations

import json
from pathlib import Path

from harness.core.profile import Profile
from harness.core.vocabulary import Vocabulary
from harness.errors import BadInput
from harness.scenario_file.kinds import Family, Schema
from harness.scenario_file.language import ScenarioText, families
from harness.scenario_file.shapes import record_of, word_schema

_DRAFT = "http://json-schema.org/draft-07/schema#"
_WITH_SETTINGS = ("faults", "changes", "checks", "conditions", "agents", "inventories")
_NAMES_ONLY = ("agents", "engines", "requirements")


def schema(vocabulary: Vocabulary) -> Schema:
    """The schema of scenario files."""
    words = families(vocabulary)
    definitions: Schema = {family: word_schema(words[family].words) for family in _WITH_SETTINGS}
    definitions |= {f"{family}_names": _names(words[family], vocabulary) for family in _NAMES_ONLY}
    return {"$schema": _DRAFT, "title": "scenario", **record_of(ScenarioText).schema(), "definitions": definitions}


def profile_schema() -> Schema:
    """The schema of profile files."""
    return {"$schema": _DRAFT, "title": "profile", **record_of(Profile).schema()}


def write_schemas(directory: Path, vocabulary: Vocabulary, *, check: bool = False) -> None:
    """Write both schemas into a directory, or with `check` only look whether they are as they would be written.

    Raises:
        BadInput: `check` is set and one differs from what the words and annotations say now.
    """
    made = {"scenario.schema.json": schema(vocabulary), "profile.schema.json": profile_schema()}
    for name, content in made.items():
        path, text = directory / name, json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise BadInput(f"{name}: not what the words of faults, checks and profiles say now; type: harness schema")


def _names(family: Family, vocabulary: Vocabulary) -> Schema:
    if family.noun != "requirement":
        return {"enum": list(family.words)}
    return {"oneOf": [{"const": name, "description": vocabulary.requirements[name]} for name in family.words]}

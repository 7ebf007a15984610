"""What an HMC contains, read from zhmcclient's own mock definition format (``zhmcclient.Client.to_hmc_yaml``)."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
import zhmcclient.mock
from zhmcclient.mock._hmc import InputError  # the mock's __init__ does not export it
from zhmcclient.mock._session import HmcDefinitionSchemaError

from harness.errors import BadInput
from harness.hmc.kinds import MORE_KINDS

FORMAT = "see zhmcclient's documentation, 'Mock support', or start from a file in scenarios/inventories/"


@dataclass(frozen=True, slots=True)
class Inventory:
    """A definition that was read and found good; each mock HMC gets a model of its own from it."""

    name: str
    """The file's name without its suffix."""
    _definition: dict[str, Any]  # the format is zhmcclient's, and its JSON schema is the type

    @classmethod
    def load(cls, path: Path | str) -> Inventory:
        """Read and check a file.

        Raises:
            BadInput: it cannot be read, is no YAML, or is no HMC definition.
        """
        path = Path(path)
        definition = _parse(path)
        inventory = cls(path.stem, definition)
        _check(path, inventory)
        return inventory

    def new_model(self) -> zhmcclient.mock.FakedSession:
        """A fresh model that shares nothing with any other (about 15 ms, most of it the schema's check)."""
        return zhmcclient.mock.FakedSession.from_hmc_dict(_without_more(self._definition))

    def more_kinds(self) -> dict[str, list[dict[str, Any]]]:
        """Lists of resources in the console, by kind, for which zhmcclient's format has no word."""
        consoles = self._definition["hmc_definition"].get("consoles") or [{}]
        return {kind: copy.deepcopy(consoles[0][kind]) for kind in MORE_KINDS if consoles[0].get(kind)}


def _without_more(definition: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(definition["hmc_definition"], dict):
        return definition
    definition = {"hmc_definition": dict(definition["hmc_definition"])}
    consoles = definition["hmc_definition"].get("consoles")
    if isinstance(consoles, list):
        kept = [
            {key: value for key, value in console.items() if key not in MORE_KINDS}
            if isinstance(console, dict)
            else console
            for console in consoles
        ]
        definition["hmc_definition"]["consoles"] = kept
    return definition


def _parse(path: Path) -> dict[str, Any]:
    try:
        definition = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: the inventory cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark
        where = f"{path}:{place.line + 1}:{place.column + 1}" if place else str(path)
        raise BadInput(f"{where}: this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: this is no YAML: {error}") from error
    if not isinstance(definition, dict) or "hmc_definition" not in definition:
        raise BadInput(f"{path}:1:1: an inventory is a mapping with the one key 'hmc_definition'; {FORMAT}")
    return definition


def _check(path: Path, inventory: Inventory) -> None:
    try:
        json.dumps(inventory._definition)
    except TypeError as error:
        raise BadInput(f"{path}: {error}; YAML reads bare dates as such: put them in quotes") from error
    try:
        inventory.new_model()
    except (HmcDefinitionSchemaError, InputError) as error:
        raise BadInput(f"{path}: {error.args[0]}; {FORMAT}") from error
    except (KeyError, IndexError) as error:
        raise BadInput(f"{path}: a property is missing: {error}; {FORMAT}") from error

"""What an HMC contains, read from zhmcclient's own mock definition format (``zhmcclient.Client.to_hmc_yaml``)."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
import zhmcclient
import zhmcclient.mock
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match
from zhmcclient.mock._hmc import FakedMetricObjectValues, InputError  # the mock's __init__ does not export them
from zhmcclient.mock._session import FAKED_HMC_DEFINITION_SCHEMA
from zhmcclient.mock._urihandler import URIS, UriHandler  # as above

from harness.errors import BadInput
from harness.hmc.kinds import MORE_KINDS, add_kinds
from harness.hmc.owners import given_to
from harness.hmc.places import FORMAT, LOADER, Misfit, check_text, fill, misplaced, missing

KINDS = ("consoles", "metrics_contexts", "cpcs")


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
        """A fresh model that shares nothing with any other (3 ms, or 1 s for 10,000 partitions)."""
        return _built(_without_more(self._definition)["hmc_definition"])

    def nics(self) -> dict[str, frozenset[str]]:
        """By each partition's name the names of its NICs."""
        partitions = [partition for cpc in self.new_model().hmc.cpcs.list() for partition in cpc.partitions.list()]
        return {
            partition.properties["name"]: frozenset(nic.properties["name"] for nic in partition.nics.list())
            for partition in partitions
        }

    def given_to(self, host: str, other: str, new_mac: Callable[[str], str]) -> Inventory:
        """The same, but the NICs of one agent's host are another host's, with MAC addresses made of theirs."""
        return Inventory(self.name, given_to(self._definition, host, other, new_mac))

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
        kept = [_without_kinds(console) if isinstance(console, dict) else console for console in consoles]
        definition["hmc_definition"]["consoles"] = kept
    return definition


def _built(contents: dict[str, Any]) -> zhmcclient.mock.FakedSession:
    """What `FakedSession.from_hmc_dict` makes, without its check of the schema, which takes longer than all else."""
    console = contents["consoles"][0]["properties"]
    session = _Faked(contents["host"], console["name"], console["version"], contents["api_version"])
    session.hmc.all_resources = _OneEach(session.hmc.all_resources)
    contents = contents | {"cpcs": [_partitions_last(cpc) for cpc in contents.get("cpcs") or ()]}
    for kind in KINDS:
        fill(session.hmc, kind, contents.get(kind) or ())
    _name_once(session.hmc)
    for index, item in enumerate(contents.get("metric_values") or ()):
        session.hmc.add_metric_values(
            FakedMetricObjectValues(
                item["group_name"], item["resource_uri"], _time_of(item, index), list(item["metrics"].items())
            )
        )
    return session


def _time_of(values: dict[str, Any], index: int) -> datetime:
    try:
        return datetime.fromisoformat(values["timestamp"])
    except ValueError as error:
        raise Misfit(str(error), "metric_values", index, "timestamp") from error


class _Faked(zhmcclient.mock.FakedSession):  # type: ignore[misc]  # zhmcclient has no types
    """Compiles the mock model's 140 patterns of URIs only for who asks it by URI.

    This HMC does not (handlers.py), and they take a twelfth of the time until it is ready.
    """

    def __init__(self, host: str, name: str, version: str, api_version: str) -> None:
        zhmcclient.Session.__init__(self, host)
        self._hmc = zhmcclient.mock.FakedHmc(self, name, version, api_version)

    @cached_property
    def _urihandler(self) -> UriHandler:
        return UriHandler(URIS)


class _OneEach(dict[str, Any]):
    """Resources by URI. The mock model lets a second one take the first one's place, and counts ids in each list."""

    def __setitem__(self, uri: str, resource: Any) -> None:
        if uri in self:
            raise InputError(
                f"two resources have the URI {uri}; give each an id of its own ({resource.manager.oid_prop})"
            )
        super().__setitem__(uri, resource)


def _partitions_last(cpc: dict[str, Any]) -> dict[str, Any]:
    """The mock model reads in the file's order, and a NIC wants its virtual switch to be there.

    What zhmcclient writes (`to_hmc_yaml`) has it the other way round.
    """
    kinds = sorted(cpc, key=lambda kind: kind == "partitions")
    return {kind: cpc[kind] for kind in kinds}


def _name_once(hmc: Any) -> None:
    """The mock model adds each child's URI to its owner's list, where what zhmcclient writes has it already."""
    for resource in hmc.all_resources.values():
        for key, value in resource.properties.items():
            if key.endswith("-uris") and isinstance(value, list) and len(value) > 1:
                value[:] = dict.fromkeys(value)


def _outline(part: Any) -> Any:
    """A definition without properties and without what is shaped like its neighbour: as good or bad as the whole.

    The schema lets a resource's properties be anything, so all that it can find is in the shape.
    """
    if isinstance(part, dict):
        return {
            key: {} if key == "properties" and isinstance(value, dict) else _outline(value)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return list({json.dumps(outline): outline for outline in map(_outline, part)}.values())
    return part


def _misshapen(path: Path, definition: dict[str, Any]) -> BadInput:
    """What is wrong with the shape of a definition, with its place in the file."""
    error = best_match(Draft7Validator(FAKED_HMC_DEFINITION_SCHEMA).iter_errors(definition))
    if error is None:
        raise AssertionError(f"{path}: good as a whole and bad in outline: a defect of the harness")
    more = error.validator == "additionalProperties"
    keys = [key for key in error.instance if key not in error.schema["properties"]] if more else []
    return misplaced(path, error.absolute_path, error.message, *keys[:1])


def _without_kinds(console: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in console.items() if key not in MORE_KINDS}


def _parse(path: Path) -> dict[str, Any]:
    try:
        definition = _read(path)
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


def _read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        with contextlib.suppress(ValueError):  # then it is YAML's turn to say what is wrong, and where
            return json.loads(text)
    with contextlib.suppress(yaml.YAMLError):
        return yaml.load(text, Loader=LOADER)  # noqa: S506 - both are safe loaders
    return yaml.safe_load(text)  # PyYAML's own parser says better where the fault is


def _check(path: Path, inventory: Inventory) -> None:
    try:
        json.dumps(inventory._definition, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise _no_json(path, inventory._definition, error) from error
    definition = _without_more(inventory._definition)
    if not Draft7Validator(FAKED_HMC_DEFINITION_SCHEMA).is_valid(_outline(definition)):
        raise _misshapen(path, definition)
    try:
        _check_console(definition["hmc_definition"])
        add_kinds(inventory.new_model().hmc, inventory.more_kinds())
    except Misfit as misfit:
        raise misplaced(path, ("hmc_definition", *misfit.steps), str(misfit)) from misfit


def _check_console(contents: dict[str, Any]) -> None:
    """Look at what the schema lets pass and nobody can log on to."""
    parts = contents["api_version"].split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise Misfit(f"{contents['api_version']!r} is no version of the API; write one as '4.10'", "api_version")
    if not contents["consoles"]:
        raise Misfit("there is no console; add one, as in '- properties: {name: hmc-1, version: 2.16.0}'", "consoles")
    properties = contents["consoles"][0]["properties"]
    try:
        for name in ("name", "version"):
            if name not in properties:
                raise missing("console", name)
            check_text(properties, name)
    except Misfit as misfit:
        misfit.steps[:0] = ("consoles", 0)
        raise


def _no_json(path: Path, definition: dict[str, Any], error: Exception) -> BadInput:
    """What an HMC can tell nobody, with its place in the file."""
    with contextlib.suppress(RecursionError):  # an alias may be within what it stands for
        for steps, value in _leaves(definition):
            try:
                json.dumps(value, allow_nan=False)
            except (TypeError, ValueError):
                advice = "YAML reads bare dates, .nan and .inf as such: put them in quotes"
                return misplaced(path, steps, f"JSON has no word for {value}; {advice}")
    return BadInput(f"{path}: {error}; {FORMAT}")


def _leaves(part: Any, *steps: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """All values of a definition, each with the steps that lead to it."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _leaves(value, *steps, key)
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _leaves(value, *steps, index)
    else:
        yield steps, part

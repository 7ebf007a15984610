"""Inventories: those that we ship are good, and a bad one says where and what to do."""

import copy
import json
from pathlib import Path

import pytest
import yaml

from harness.errors import BadInput
from harness.hmc import Inventory
from harness.hmc.ids import Ids
from harness.hmc.model import Model
from tests.hmc.conftest import INVENTORIES


@pytest.mark.parametrize("path", sorted(INVENTORIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_inventory_that_we_ship_can_be_loaded(path: Path) -> None:
    assert Inventory.load(path).name == path.stem


def test_models_of_one_inventory_share_nothing(two_nics: Inventory) -> None:
    uri = "/api/partitions/dddddddd-0000-4000-8000-000000000001"
    first, second = two_nics.new_model(), two_nics.new_model()
    first.hmc.lookup_by_uri(uri).properties["acceptable-status"].append("degraded")
    assert second.hmc.lookup_by_uri(uri).properties["acceptable-status"] == ["active"]
    third = two_nics.new_model()
    assert third.hmc.lookup_by_uri(uri).properties["acceptable-status"] == ["active"]


GOOD = """
hmc_definition:
  host: h
  api_version: '4.10'
  consoles: [{properties: {name: h, version: 2.16.0%s}}]
"""

CPC = """  cpcs:
  - properties: {name: c, dpm-enabled: true}
    %s
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "bad.yaml:1:5: this is no YAML"),
        ("[]", "hmc_definition"),
        ("hmc_definition: {host: h}", "bad.yaml:1:1: hmc_definition: 'api_version' is a required property"),
        (GOOD % "" + "  cpcs: [{properties: {}, nics: []}]\n", "bad.yaml:6:27: hmc_definition.cpcs.0: Additional"),
        (GOOD % "" + "  cpcs: none\n", "bad.yaml:6:3: hmc_definition.cpcs: 'none' is not of type 'array'"),
        (GOOD % ", built: 2024-01-01", "put them in quotes"),
        (GOOD.replace("consoles: [{", "consoles: [{nonsense: [], ") % "", "nonsense"),
        (
            GOOD.replace("name: h, ", "") % "",
            "bad.yaml:5:15: hmc_definition.consoles.0.properties: this console lacks the property 'name'; add it",
        ),
        (
            GOOD % "" + "  cpcs: [{properties: {object-id: c}}]\n",
            "bad.yaml:6:11: hmc_definition.cpcs.0.properties: this",
        ),
        (
            GOOD % "" + CPC % "partitions: [{properties: {name: p}, nics: [{properties: {nam: n}}]}]",
            "bad.yaml:8:50: hmc_definition.cpcs.0.partitions.0.nics.0.properties: this nic lacks the property 'name'",
        ),
        (
            GOOD % "" + CPC % "partitions: [{properties: {name: 5}}]",
            "bad.yaml:8:32: hmc_definition.cpcs.0.partitions.0.properties.name: 'name' has to be text, not 5",
        ),
        (
            GOOD % "" + CPC % "adapters: [{properties: {name: a}}]",
            "bad.yaml:8:17: hmc_definition.cpcs.0.adapters.0.properties: FakedAdapter",
        ),
        (
            GOOD.replace("}}]", "}, groups: [{properties: {object-id: 1}}]}]") % "",
            "bad.yaml:5:78: hmc_definition.consoles.0.groups.0.properties.object-id: 'object-id' has to be text, not 1",
        ),
        (GOOD.replace("}}]", "}, groups: [{}]}]") % "", "hmc_definition.consoles.0.groups.0"),
        (GOOD.replace("}}]", "}, groups: [7]}]") % "", "hmc_definition.consoles.0.groups.0"),
        (
            GOOD % "" + "  metric_values: [{group_name: g, resource_uri: u, timestamp: noon, metrics: {}}]\n",
            "bad.yaml:6:52: hmc_definition.metric_values.0.timestamp: Invalid isoformat string: 'noon'",
        ),
        (
            GOOD.replace("'4.10'", "x.y") % "",
            "bad.yaml:4:3: hmc_definition.api_version: 'x.y' is no version of the API",
        ),
        (GOOD.replace("'4.10'", "'4'") % "", "bad.yaml:4:3: hmc_definition.api_version: '4' is no version of the API"),
        (GOOD.replace("'4.10'", "4." + "1" * 5000 + ".0") % "", "bad.yaml:4:3: hmc_definition.api_version: "),
        (GOOD.partition("consoles")[0] + "consoles: []", "bad.yaml:5:3: hmc_definition.consoles: there is no console"),
        (GOOD.replace("2.16.0", "2.16") % "", "bad.yaml:5:37: hmc_definition.consoles.0.properties.version: 'version'"),
        (GOOD % ", load: .nan", "bad.yaml:5:54: hmc_definition.consoles.0.properties.load: JSON has no word for nan"),
        (GOOD % ", built: 2024-01-01", "bad.yaml:5:54: hmc_definition.consoles.0.properties.built: JSON has no word"),
        (GOOD % ", all: &all [*all]", "Circular"),
    ],
)
def test_a_bad_inventory_names_the_file_and_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        Inventory.load(path)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)


@pytest.mark.parametrize("version", ["4.10", "2.16.0"])
def test_a_version_of_the_api_may_say_more_than_major_and_minor(tmp_path: Path, version: str) -> None:
    """As those of zhmcclient's own examples do."""
    path = tmp_path / "good.yaml"
    path.write_text(GOOD.replace("4.10", version) % "")
    assert Model(Inventory.load(path), Ids(1)).api_version == tuple(map(int, version.split(".")[:2]))


def test_json_that_no_yaml_parser_reads_has_places_too(tmp_path: Path) -> None:
    """Tabs, and a character that JSON writes as two."""
    definition = yaml.safe_load(GOOD % ", description: \N{GRINNING FACE}")
    definition["hmc_definition"]["cpcs"] = [{"properties": {"dpm-enabled": True}}]
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(definition, indent="\t"))
    with pytest.raises(
        BadInput, match=r"bad\.json:16:5: hmc_definition\.cpcs\.0\.properties: this cpc lacks .* 'name'"
    ):
        Inventory.load(path)


def test_the_names_of_partitions_and_their_nics(two_nics: Inventory) -> None:
    assert two_nics.nics() == {"part-1": frozenset({"nic-1", "nic-2", "nic-of-others"}), "part-idle": frozenset()}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.yaml: the inventory cannot be read"):
        Inventory.load(tmp_path / "nowhere.yaml")


def test_what_the_mock_model_would_leave_out_is_loaded(tmp_path: Path, two_nics: Inventory) -> None:
    definition = copy.deepcopy(two_nics._definition)
    libraries = [{"properties": {"object-id": "t", "name": "tapes"}}]
    links = [{"properties": {"object-id": "l", "name": "link", "type": "smc-d"}}]
    definition["hmc_definition"]["consoles"][0].update(tape_libraries=libraries, partition_links=links)
    path = tmp_path / "more.yaml"
    path.write_text(yaml.safe_dump(definition))
    model = Model(Inventory.load(path), Ids(1))
    assert model.resource("/api/tape-libraries/t").name == "tapes"
    assert model.resource("/api/partition-links/l").name == "link"

"""Inventories: those that we ship are good, and a bad one says where and what to do."""

import copy
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
        (GOOD.replace("name: h, ", "") % "", "a property is missing"),
    ],
)
def test_a_bad_inventory_names_the_file_and_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        Inventory.load(path)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)


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

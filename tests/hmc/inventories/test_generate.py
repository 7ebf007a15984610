"""Generated inventories: as large as asked for, good, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import BadInput
from harness.hmc import Inventory
from harness.hmc.inventories.file import write
from harness.hmc.inventories.generate import NICS_PER_PORT, Size, generate


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_what_is_generated_loads_and_has_the_size(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"big.{suffix}"
    write(generate(Size(cpcs=2, partitions=3, nics=2)), path)
    hmc = Inventory.load(path).new_model().hmc
    kinds = [resource.properties.get("class") for resource in hmc.all_resources.values()]
    assert (kinds.count("cpc"), kinds.count("partition"), kinds.count("nic")) == (2, 6, 12)
    assert (
        len(
            {
                nic.properties["mac-address"]
                for cpc in hmc.cpcs.list()
                for part in cpc.partitions.list()
                for nic in part.nics.list()
            }
        )
        == 12
    )


def test_one_seed_gives_the_same_inventory_and_another_one_gives_another() -> None:
    size = Size(cpcs=1, partitions=5, nics=1)
    assert generate(size, 7) == generate(size, 7)
    assert generate(size, 7) != generate(size, 8)


def test_many_nics_get_more_ports() -> None:
    [cpc] = generate(Size(cpcs=1, partitions=2 * NICS_PER_PORT + 1, nics=1))["hmc_definition"]["cpcs"]
    assert len(cpc["virtual_switches"]) == 4
    used = {nic["properties"]["virtual-switch-uri"] for part in cpc["partitions"] for nic in part["nics"]}
    assert len(used) == 4


@pytest.mark.parametrize("size", [{"cpcs": 0}, {"partitions": -1}, {"nics": -1}, {"nics": 100_000}])
def test_a_size_that_makes_no_hmc_is_refused(size: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        Size(**size)


def test_a_file_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        write(generate(Size()), tmp_path / "missing" / "big.json")

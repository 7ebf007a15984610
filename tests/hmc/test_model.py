"""NICs as somebody else changes them, and the model's own corrections."""

import random

import pytest

from harness.errors import BadInput
from harness.hmc import Inventory, OwnedNic
from harness.hmc.ids import Ids
from harness.hmc.model import Model

CPC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def model(two_nics: Inventory) -> Model:
    return Model(two_nics, Ids(5))


def macs(model: Model, host: str = "dpm-host-1") -> list[str]:
    return [nic.mac for nic in model.owned_nics(host)]


def test_a_nic_is_owned_by_the_rule_of_networking_dpm(model: Model) -> None:
    assert model.owned_nics("dpm-host-1") == [
        OwnedNic("part-1", "nic-1", "fa:16:3e:00:00:01"),
        OwnedNic("part-1", "nic-2", "fa:16:3e:00:00:02"),
    ]
    assert macs(model, "dpm-host-2") == []


def test_a_removed_nic_is_gone_from_partition_and_switch(model: Model) -> None:
    model.remove_nic("part-1", "nic-1")
    assert macs(model) == ["fa:16:3e:00:00:02"]
    uri = "/api/virtual-switches/cccccccc-0000-4000-8000-000000000001"
    assert len(model.resource(uri).properties["connected-vnic-uris"]) == 2


def test_an_added_nic_is_where_the_agent_looks(model: Model) -> None:
    model.add_nic("part-idle", "nic-9", "fa:16:3e:00:00:09", "dpm-host-1")
    assert macs(model)[-1] == "fa:16:3e:00:00:09"
    uri = "/api/virtual-switches/cccccccc-0000-4000-8000-000000000001"
    assert len(model.resource(uri).properties["connected-vnic-uris"]) == 4


def test_a_wrong_name_is_told_with_those_that_there_are(model: Model) -> None:
    with pytest.raises(BadInput, match="no NIC 'nic-7'; it has nic-1, nic-2, nic-of-others"):
        model.remove_nic("part-1", "nic-7")
    with pytest.raises(BadInput, match="no partition 'part-7'; it has part-1, part-idle"):
        model.remove_nic("part-7", "nic-1")
    with pytest.raises(BadInput, match="has a NIC 'nic-1' already"):
        model.add_nic("part-1", "nic-1", "fa:16:3e:00:00:09", "dpm-host-1")


def test_a_new_partition_is_the_same_for_the_same_seed_and_leaves_the_global_generator_alone(
    two_nics: Inventory,
) -> None:
    body = {"name": "new", "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}
    state = random.getstate()
    made = [Model(two_nics, Ids(5)).carry_out("POST", f"{CPC}/partitions", dict(body)) for _ in range(2)]
    assert made[0] == made[1]
    assert random.getstate() == state
    assert Model(two_nics, Ids(6)).carry_out("POST", f"{CPC}/partitions", dict(body)) != made[0]

"""Operations on what a small console does not have: cards of all families, hardware messages, API features."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from harness.hmc import Inventory
from harness.hmc.operations import Console
from harness.hmc.sessions import Sessions
from tests.hmc.conftest import INVENTORIES, Told, make_console
from tests.hmc.test_operations import ACTIVE, CPC, IDLE, LPAR, ask, job_of, prop, refusal

CRYPTO, ZEDC = "/api/adapters/crypto", "/api/adapters/zedc"
OSA, ROCE = (f"/api/adapters/bbbbbbbb-0000-4000-8000-00000000000{number}" for number in (1, 2))
CARD = {"description": "", "port-count": 0, "status": "active", "detected-card-type": "x", "card-location": "x"}


@pytest.fixture
def fuller(console: Console) -> Console:
    """A console whose active partition uses cards of every family that its CPC has."""
    [cpc] = console.model.hmc.cpcs.list()
    for name, family, kind in (("crypto", "crypto", "crypto"), ("zedc", "accelerator", "zedc")):
        cpc.adapters.add({**CARD, "object-id": name, "name": name, "adapter-family": family, "type": kind})
    partition = console.model.resource(ACTIVE)
    partition.properties["crypto-configuration"] = {"crypto-adapter-uris": [CRYPTO]}
    partition.virtual_functions.add({"element-id": "1", "name": "vf", "device-number": "1", "adapter-uri": ZEDC})
    port = {"network-adapter-port-uri": f"{ROCE}/network-ports/0"}
    partition.nics.add({"element-id": "1", "name": "roce", "type": "roce", "device-number": "1", **port})
    return console


@pytest.mark.parametrize("adapter", [CRYPTO, ZEDC, OSA, ROCE])
def test_a_partition_is_assigned_to_the_adapters_that_it_uses(fuller: Console, adapter: str) -> None:
    path = f"{adapter}/operations/get-partitions-assigned-to-adapter"
    used = [{"object-uri": ACTIVE, "name": "part-1", "status": "active"}]
    assert prop(fuller, path, "partitions-assigned-to-adapter") == used
    assert prop(fuller, f"{path}?status=stopped", "partitions-assigned-to-adapter") == []
    assert refusal(fuller, "GET", f"{path}?colour=red") == (400, 1)


def test_a_partition_uses_the_adapters_of_its_storage_groups(console: Console) -> None:
    port = f"{ROCE}/network-ports/0"  # any port will do
    body = {"name": "group", "cpc-uri": CPC, "type": "fcp", "candidate-adapter-port-uris": [port]}
    group = ask(console, "POST", "/api/storage-groups", body).headers["Location"]
    path = f"{ROCE}/operations/get-partitions-assigned-to-adapter"
    assert prop(console, path, "partitions-assigned-to-adapter") == []
    ask(console, "POST", f"{IDLE}/operations/attach-storage-group", {"storage-group-uri": group})
    assert prop(console, path, "partitions-assigned-to-adapter") == [
        {"object-uri": IDLE, "name": "part-idle", "status": "stopped"}
    ]


def test_an_inventory_has_adapters_without_ports(fuller: Console) -> None:
    items = ask(fuller, "POST", "/api/services/inventory", {"resources": ["adapter"]}).body
    assert isinstance(items, list)
    assert {CRYPTO, ZEDC, OSA} <= {item.get("object-uri") for item in items}
    assert f"{OSA}/network-ports/0" in {item.get("element-uri") for item in items}


def test_hardware_messages_of_a_time(console: Console) -> None:
    [cpc] = console.model.hmc.cpcs.list()
    for at in (100, 200, 300):
        cpc.hw_messages.add({"element-id": str(at), "text": f"at {at}", "timestamp": at})

    def texts(query: str) -> list[str]:
        found = prop(console, f"{CPC}/hardware-messages{query}", "hardware-messages")
        assert isinstance(found, list)
        return [message["text"] for message in found]

    assert texts("") == ["at 100", "at 200", "at 300"]
    assert texts("?begin-time=200") == ["at 200", "at 300"]
    assert texts("?begin-time=101&end-time=200") == ["at 200"]
    assert refusal(console, "GET", f"{CPC}/hardware-messages?begin-time=noon") == (400, 1)


def test_a_hipersockets_link_has_an_adapter_that_goes_with_it(console: Console, told: Told) -> None:
    before = prop(console, f"{CPC}/adapters", "adapters")
    answer = ask(console, "POST", "/api/partition-links", {"name": "link", "cpc-uri": CPC, "type": "hipersockets"})
    link = answer.headers["Location"]
    told.now_s += 10
    adapter = prop(console, link, "adapter-uri")
    assert prop(console, str(adapter), "type") == "hipersockets"
    job_of(ask(console, "POST", f"{link}/operations/delete", {}))
    told.now_s += 10
    assert prop(console, f"{CPC}/adapters", "adapters") == before
    assert not any(switch.properties["backing-adapter-uri"] == adapter for switch in switches(console))


def switches(console: Console) -> list[Any]:
    [cpc] = console.model.hmc.cpcs.list()
    return list(cpc.virtual_switches.list())


def test_an_lpar_that_is_not_active_can_be_told_its_next_profile(classic_console: Console) -> None:
    inactive = f"{LPAR}3"
    assert ask(classic_console, "POST", inactive, {"next-activation-profile-name": "LPAR2"}).status == 204
    assert prop(classic_console, inactive, "next-activation-profile-name") == "LPAR2"
    assert refusal(classic_console, "POST", inactive, {"description": "mine"}) == (409, 1)


@pytest.mark.parametrize(
    ("profile", "becomes"),
    [
        ({"load-at-activation": True}, "operating"),
        ({"load-at-activation": False}, "not-operating"),
        ({"operating-mode": "ssc"}, "operating"),
    ],
)
def test_an_lpar_loads_at_its_activation_where_its_profile_says_so(
    classic_console: Console, told: Told, profile: dict[str, object], becomes: str
) -> None:
    [cpc] = classic_console.model.hmc.cpcs.list()
    [kept] = [one for one in cpc.image_activation_profiles.list() if one.name == "LPAR3"]
    kept.properties.update(profile)
    job_of(ask(classic_console, "POST", f"{LPAR}3/operations/activate", {}))
    told.now_s += 10
    assert prop(classic_console, f"{LPAR}3", "status") == becomes


def test_an_inventory_can_have_api_features(told: Told, sessions: Sessions) -> None:
    definition = yaml.safe_load((INVENTORIES / "two-nics.yaml").read_text(encoding="utf-8"))
    features = ["secure-boot-with-certificates", "report-a-problem"]
    definition["hmc_definition"]["cpcs"][0]["properties"]["available-api-features-list"] = features
    console = make_console(Inventory("fuller", definition), told, sessions)
    assert ask(console, "GET", f"{CPC}/operations/list-features").body == features
    assert ask(console, "GET", "/api/console/operations/list-features").body == []
    assert "available-api-features-list" not in console.model.resource(CPC).properties
    body = {"name": "new", "ifl-processors": 1, "initial-memory": 1024, "maximum-memory": 1024}
    new = ask(console, "POST", f"{CPC}/partitions", body).headers["Location"]
    assert prop(console, new, "assigned-certificate-uris") == []
    assert "assigned-certificate-uris" not in console.model.resource(IDLE).properties

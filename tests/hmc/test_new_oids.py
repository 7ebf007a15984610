"""What is created has a URI that nothing else has or had, and takes nothing else's place."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.errors import BadInput
from harness.hmc import Inventory
from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer
from harness.hmc.ids import Ids
from harness.hmc.inventories.generate import Size, generate
from harness.hmc.model import Model
from harness.hmc.operations import Console
from harness.hmc.sessions import Sessions
from tests.hmc.conftest import Told, make_console
from tests.hmc.test_operations import ACTIVE, CPC, IDLE, SWITCH, ask, refusal

PORT = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000003/storage-ports/0"
URLS = {f"{name}-url": "https://127.0.0.1/" for name in ("issuer", "authentication", "token", "jwks")}
RULE = "/api/console/password-rules/rule"
CREATED: dict[str, dict[str, Any]] = {
    f"{CPC}/partitions": {"initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1},
    f"{CPC}/adapters": {},
    f"{CPC}/capacity-groups": {},
    f"{ACTIVE}/nics": {"virtual-switch-uri": SWITCH},
    f"{IDLE}/virtual-functions": {"adapter-uri": "/api/adapters/bbbbbbbb-0000-4000-8000-000000000001"},
    "/api/partition-links": {"cpc-uri": CPC, "type": "smc-d"},
    "/api/storage-groups": {"cpc-uri": CPC, "type": "fcp"},
    "/api/storage-templates": {"cpc-uri": CPC, "type": "fcp"},
    "/api/tape-links": {"cpc-uri": CPC},
    "/api/groups": {},
    f"{CPC}/operations/import-certificate": {"certificate": "AAAA"},
    "/api/services/metrics/context": {"anticipated-frequency-seconds": 15},
    "/api/console/users": {
        "type": "standard",
        "authentication-type": "local",
        "password": "secret",
        "password-rule-uri": RULE,
    },
    "/api/console/user-roles": {},
    "/api/console/user-patterns": {
        "pattern": "x*",
        "type": "glob-like",
        "retention-time": 0,
        "specific-template-uri": "/api/users/1",
    },
    "/api/console/password-rules": {},
    "/api/console/ldap-server-definitions": {"primary-hostname-ipaddr": "127.0.0.1", "search-distinguished-name": "x"},
    "/api/console/mfa-server-definitions": {"hostname-ipaddr": "127.0.0.1"},
    "/api/console/sso-server-definitions": {"type": "oidc", "client-id": "i", "client-secret": "s", **URLS},
}
"""What can be created, by the path of its request; all but metrics contexts want a name, too."""


def create(console: Console, path: str, name: str, **more: object) -> str:
    answer = ask(console, "POST", path, {"name": name, **CREATED[path], **more})
    assert answer.status in (201, 202)
    return answer.headers["Location"]


def properties(answer: Answer) -> dict[str, Any]:
    assert isinstance(answer.body, dict)
    return answer.body


def test_no_two_creates_of_anything_give_the_same_uri_or_id(console: Console) -> None:
    uris = [create(console, path, name) for path in CREATED for name in ("one", "two", "three")]
    ids = [uri.rpartition("/")[2] for uri in uris]
    assert len(set(uris)) == len(set(ids)) == len(uris)
    for uri in uris:
        if "/metrics/" in uri:
            continue
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uri.rpartition("/")[2])
        assert properties(ask(console, "GET", uri))["name"] in ("one", "two", "three")


def test_a_new_adapter_has_its_own_port_and_switch_which_go_with_it(console: Console) -> None:
    before = set(console.model.hmc.all_resources)
    uris = [create(console, f"{CPC}/adapters", name) for name in ("one", "two")]
    for uri in uris:
        assert properties(ask(console, "GET", uri))["network-port-uris"] == [f"{uri}/network-ports/0"]
        assert properties(ask(console, "GET", f"{uri}/network-ports/0"))["parent"] == uri
        switches = console.model.hmc.cpcs.list()[0].virtual_switches.list()
        (switch,) = [item for item in switches if item.properties["backing-adapter-uri"] == uri]
        nic = ask(console, "POST", f"{IDLE}/nics", {"name": uri, "virtual-switch-uri": switch.uri}).headers["Location"]
        assert refusal(console, "DELETE", uri) == (409, 8)
        ask(console, "DELETE", nic)
    for uri in uris:
        assert ask(console, "DELETE", uri).status == 204
    assert set(console.model.hmc.all_resources) == before


def test_the_sessions_secrets_say_nothing_about_ids_nor_ids_about_them() -> None:
    ids, without = Ids(3), Ids(3)
    shown = [ids.uuid().replace("-", "") for _ in range(3)]
    with ids.as_global():
        ids.uuid()
    tokens = [ids.token() for _ in range(3)]
    assert not [uuid for uuid in shown for token in tokens if uuid[:8] in token or uuid[-8:] in token]
    assert tokens == [without.token() for _ in range(3)]


@pytest.fixture
def small_numbers(two_nics: Inventory, tmp_path: Path) -> Inventory:
    """An inventory whose resources have the ids that the mock model gives: numbers from 1."""
    definition = copy.deepcopy(two_nics._definition)
    root = definition["hmc_definition"]
    for kind in ("storage_groups", "groups", "users", "user_roles", "tape_links"):
        more = {"cpc-uri": CPC, "type": "fcp"} if kind == "storage_groups" else {}
        root["consoles"][0][kind] = [{"properties": {"object-id": "1", "name": "OLD", **more}}]
    for kind in ("user_patterns", "password_rules", "ldap_server_definitions", "mfa_server_definitions"):
        root["consoles"][0][kind] = [{"properties": {"element-id": "1", "name": "OLD"}}]
    (partition,) = [item for item in root["cpcs"][0]["partitions"] if item["properties"]["name"] == "part-1"]
    partition["nics"][0]["properties"]["element-id"] = "1"
    root["metrics_contexts"] = [{"properties": {"fake-id": "1", "anticipated-frequency-seconds": 15}}]
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(definition))
    return Inventory.load(path)


@pytest.mark.parametrize("path", [path for path in CREATED if "/operations/" not in path])
def test_a_create_leaves_what_the_inventory_has_alone(
    small_numbers: Inventory, told: Told, sessions: Sessions, path: str
) -> None:
    console = make_console(small_numbers, told, sessions)
    before = dict(console.model.hmc.all_resources)
    made = create(console, path, "NEW")
    after = console.model.hmc.all_resources
    assert made not in before
    assert {uri: after[uri] for uri in before} == before
    if path.endswith("/nics"):
        uris = properties(ask(console, "GET", ACTIVE))["nic-uris"]
        assert len(set(uris)) == len(uris)


def test_ids_that_the_same_seed_gave_to_a_saved_inventory_are_not_given_again(two_nics: Inventory) -> None:
    body = {"name": "x", "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}
    first = Model(two_nics, Ids(7)).carry_out("POST", f"{CPC}/partitions", dict(body))
    assert isinstance(first, dict)
    definition = copy.deepcopy(two_nics._definition)
    partition = definition["hmc_definition"]["cpcs"][0]["partitions"][0]
    partition["properties"]["object-id"] = first["object-uri"].rpartition("/")[2]
    again = Model(Inventory("saved", definition), Ids(7))
    assert again.carry_out("POST", f"{CPC}/partitions", dict(body)) != first
    assert again.resource(first["object-uri"]).name == partition["properties"]["name"]


def test_a_generated_inventory_and_the_hmc_of_the_same_seed_have_no_id_in_common() -> None:
    text = yaml.safe_dump(generate(Size(cpcs=1, partitions=3, nics=2), 0))
    ids = Ids(0)
    assert not [uuid for uuid in (ids.uuid() for _ in range(100)) if uuid in text]


@pytest.mark.parametrize("name", ["object-id", "object-uri", "element-id", "element-uri"])
@pytest.mark.parametrize("path", [path for path in CREATED if "/operations/" not in path and "/metrics/" not in path])
def test_a_client_gives_nothing_its_identity(console: Console, path: str, name: str) -> None:
    assert refusal(console, "POST", path, {"name": "x", **CREATED[path], name: "mine"}) == (400, 6)


def test_a_client_gives_no_volume_the_identity_of_another_one(console: Console) -> None:
    volume = {"operation": "create", "name": "v", "size": 1}
    group = create(console, "/api/storage-groups", "g", **{"storage-volumes": [volume]})
    (uri,) = properties(ask(console, "GET", group))["storage-volume-uris"]
    stolen = {"storage-volumes": [{**volume, "element-id": uri.rpartition("/")[2]}]}
    assert refusal(console, "POST", f"{group}/operations/modify", stolen) == (400, 6)
    assert refusal(console, "POST", f"{group}/operations/modify", {"object-uri": "/api/groups/1"}) == (400, 6)
    change = {"storage-volumes": [{"operation": "modify", "element-uri": uri, "size": 2}]}
    assert ask(console, "POST", f"{group}/operations/modify", change).status == 200
    assert properties(ask(console, "GET", uri))["size"] == 2


def test_nothing_takes_the_place_of_what_is_there(console: Console) -> None:
    group = create(console, "/api/storage-groups", "old")
    there = console.model.resource(group)
    with pytest.raises(HmcError, match="already"), console.model.transaction():
        console.model.carry_out(
            "POST", "/api/storage-groups", {"object-id": there.oid, "name": "new", **CREATED["/api/storage-groups"]}
        )
    assert console.model.resource(group) is there
    assert [item.name for item in console.model.console.storage_groups.list()] == ["old"]


def test_an_inventory_in_which_two_resources_have_one_uri_is_told_which(two_nics: Inventory, tmp_path: Path) -> None:
    definition = copy.deepcopy(two_nics._definition)
    partitions = definition["hmc_definition"]["cpcs"][0]["partitions"]
    partitions[1]["properties"]["object-id"] = partitions[0]["properties"]["object-id"]
    path = tmp_path / "twice.yaml"
    path.write_text(yaml.safe_dump(definition))
    says = r"twice\.yaml:144:7: .*\.1\.properties: two resources have the URI /api/partitions/dddddddd.*object-id"
    with pytest.raises(BadInput, match=says):
        Inventory.load(path)


def test_partitions_have_ids_and_short_names_of_their_own(console: Console) -> None:
    made = [create(console, f"{CPC}/partitions", name) for name in (f"part{number}" for number in range(60))]
    partitions = [properties(ask(console, "GET", uri)) for uri in (ACTIVE, IDLE, *made)]
    for name in ("partition-id", "short-name"):
        given = [partition[name] for partition in partitions if partition.get(name)]
        assert len(set(given)) == len(given) >= len(made)


def test_no_two_device_numbers_of_a_partition_and_no_two_wwpns_are_the_same(console: Console) -> None:
    console.model.resource(ACTIVE).nics.list()[0].properties["device-number"] = "8001"
    for name in ("one", "two", "three"):
        create(console, f"{ACTIVE}/nics", name)
        group = create(console, "/api/storage-groups", name, **{"shared": True, "candidate-adapter-port-uris": [PORT]})
        for uri in (ACTIVE, IDLE):
            ask(console, "POST", f"{uri}/operations/attach-storage-group", {"storage-group-uri": group})
    every = [resource.properties for resource in console.model.hmc.all_resources.values()]
    wwpns = [item["world-wide-port-name"] for item in every if "world-wide-port-name" in item]
    assert len(set(wwpns)) == len(wwpns) == 6
    own = [item for item in every if ACTIVE in (item.get("parent"), item.get("partition-uri"))]
    numbers = [item["device-number"] for item in own if "device-number" in item]
    assert len(set(numbers)) == len(numbers) >= 7


def test_an_id_of_thousands_of_digits_was_never_counted() -> None:
    inventory = generate(Size(cpcs=1, partitions=1, nics=1), seed=1)
    adapter = next(one for one in inventory["hmc_definition"]["cpcs"][0]["adapters"] if one.get("ports"))
    adapter["ports"][0]["properties"]["element-id"] = "9" * 5000
    assert Model(Inventory("long", inventory), Ids(1)).hmc.cpcs.list()

"""Partition links: their jobs, their ends, and what is refused."""

import pytest

from harness.hmc.operations import Console
from tests.hmc.conftest import Told
from tests.hmc.test_operations import ACTIVE, CPC, IDLE, ask, job_of, prop, refusal

BASE = "/api/partition-links"


def new_link(console: Console, told: Told, kind: str = "hipersockets", **more: object) -> str:
    answer = ask(console, "POST", BASE, {"name": "link", "cpc-uri": CPC, "type": kind, **more})
    assert job_of(answer)
    assert prop(console, answer.headers["Location"], "state") == "updating"
    told.now_s += 10
    return answer.headers["Location"]


def modify(console: Console, told: Told, link: str, **body: object) -> object:
    job = job_of(ask(console, "POST", f"{link}/operations/modify", {key.replace("_", "-"): body[key] for key in body}))
    told.now_s += 10
    return prop(console, job, "job-results")


def nics(console: Console, uri: str) -> list[str]:
    uris = prop(console, uri, "nic-uris")
    assert isinstance(uris, list)
    return list(uris)


def test_a_link_has_the_defaults_of_its_type(console: Console, told: Told) -> None:
    link = new_link(console, told)
    assert prop(console, link, "starting-device-number") == "7400"
    assert prop(console, link, "state") == "incomplete"
    assert prop(console, BASE, "partition-links") == [
        {"object-uri": link, "cpc-uri": CPC, "name": "link", "state": "incomplete", "type": "hipersockets"}
    ]


def test_attaching_makes_nics_and_detaching_takes_them_away(console: Console, told: Told) -> None:
    link, before = new_link(console, told), nics(console, IDLE)
    added = [{"partition-uri": IDLE, "number-of-nics": 2, "nics": [{"device-numbers": ["4711"]}]}]
    results = modify(console, told, link, added_connections=added)
    assert results == {
        "operation-results": [
            {"partition-uri": IDLE, "partition-name": "part-idle", "operation-status": "attached"},
        ]
    }
    made = nics(console, IDLE)[len(before) :]
    assert [prop(console, uri, "device-number") for uri in made] == ["4711", "7401"]
    assert prop(console, IDLE, "partition-link-uris") == [link]
    modify(console, told, link, removed_partition_uris=[IDLE])
    assert nics(console, IDLE) == before
    assert prop(console, link, "bus-connections") == []
    assert prop(console, IDLE, "partition-link-uris") == []


def test_two_partitions_make_a_link_complete(console: Console, told: Told) -> None:
    ends = [{"partition-uri": uri} for uri in (ACTIVE, IDLE)]
    link = new_link(console, told, "smc-d", **{"bus-connections": ends})
    assert prop(console, link, "state") == "complete"
    assert refusal(console, "POST", f"{link}/operations/delete", {}) == (409, 100)
    job_of(ask(console, "POST", f"{link}/operations/delete", {"force-detach": True}))
    told.now_s += 10
    assert refusal(console, "GET", link) == (404, 1)


def test_a_ctc_link_pairs_its_partitions_on_each_path(console: Console, told: Told) -> None:
    adapters = prop(console, f"{CPC}/adapters", "adapters")
    assert isinstance(adapters, list)
    adapter = adapters[0]["object-uri"]
    path = {"adapter-port-uri": adapter, "connecting-adapter-port-uri": adapter}
    link = new_link(console, told, "ctc", partitions=[ACTIVE, IDLE], paths=[path], **{"devices-per-path": 2})
    paths = prop(console, link, "paths")
    assert isinstance(paths, list)
    pairs = [[end["partition-uri"] for end in device["endpoint-pair"]] for device in paths[0]["devices"]]
    assert pairs == [[ACTIVE, IDLE]]  # one for each pair, however many devices: zhmcclient's own tests count so
    assert refusal(console, "POST", f"{link}/operations/modify", {"added-partition-uris": [IDLE]}) == (409, 101)
    modify(console, told, link, removed_partition_uris=[IDLE])
    assert prop(console, link, "state") == "incomplete"


def test_a_deleted_partition_leaves_its_links(console: Console, told: Told) -> None:
    link = new_link(console, told, "smc-d", **{"bus-connections": [{"partition-uri": IDLE}]})
    ask(console, "DELETE", IDLE)
    assert prop(console, link, "bus-connections") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, (400, 5)),
        ({"name": "n", "cpc-uri": "/api/cpcs/none", "type": "ctc"}, (404, 2)),
        ({"name": "n", "cpc-uri": CPC, "type": "wire"}, (400, 7)),
        ({"name": "n", "cpc-uri": CPC, "type": "smc-d", "bus-connections": ["x"]}, (400, 7)),
        ({"name": "n", "cpc-uri": CPC, "type": "smc-d", "bus-connections": [{"partition-uri": "x"}]}, (404, 2)),
    ],
)
def test_a_link_that_cannot_be_is_refused_at_once(console: Console, body: object, status: tuple[int, int]) -> None:
    assert refusal(console, "POST", BASE, body) == status
    assert prop(console, BASE, "partition-links") == []


def test_what_does_not_fit_is_refused(console: Console, told: Told) -> None:
    link = new_link(console, told)
    assert refusal(console, "POST", BASE, {"name": "link", "cpc-uri": CPC, "type": "ctc"}) == (400, 8)
    assert refusal(console, "POST", f"{link}/operations/modify", {"state": "complete"}) == (400, 6)
    assert refusal(console, "POST", f"{link}/operations/modify", {"removed-partition-uris": [IDLE]}) == (409, 102)
    assert refusal(console, "GET", f"{BASE}?colour=red") == (400, 1)

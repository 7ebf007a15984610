"""Partition links: their jobs, their ends, and what is refused."""

from typing import Any

import pytest

from harness.hmc.changes import PropertyChange, StatusChange
from harness.hmc.exchange import Answer
from harness.hmc.operations import Console
from tests.hmc.conftest import Told
from tests.hmc.test_operations import ACTIVE, CPC, IDLE, ask, job_of, prop, refusal

BASE = "/api/partition-links"
ADAPTER = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000003"


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


@pytest.mark.parametrize("said", [{"type": "hipersockets"}, {"type": "smc-d"}, {"type": "ctc", "paths": [{}]}])
def test_a_link_of_an_inventory_that_says_little_has_the_rest_once_it_is_changed(
    console: Console, told: Told, said: dict[str, object]
) -> None:
    with console.model.transaction():
        link = console.model.kinds["partition_links"].add({"name": "old", "cpc-uri": CPC, **said})
    assert modify(console, told, link.uri, added_partition_uris=[ACTIVE, IDLE]) is not None
    assert prop(console, link.uri, "state") == "complete"
    modify(console, told, link.uri, removed_partition_uris=[ACTIVE])
    assert prop(console, link.uri, "state") == "incomplete"


def test_a_link_of_an_inventory_need_not_tell_its_cpc_nor_the_nics_of_its_ends(console: Console, told: Told) -> None:
    ends = [{"partition-uri": ACTIVE}]
    with console.model.transaction():
        link = console.model.kinds["partition_links"].add({"name": "old", "type": "smc-d", "bus-connections": ends})
    new_link(console, told)
    assert modify(console, told, link.uri, added_partition_uris=[IDLE]) is not None
    assert prop(console, link.uri, "state") == "complete"
    modify(console, told, link.uri, name="newer", description="d")
    assert [prop(console, link.uri, name) for name in ("name", "description")] == ["newer", "d"]


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


def begun(console: Console, kind: str, **more: object) -> Answer:
    """A create whose job has not ended."""
    return ask(console, "POST", BASE, {"name": "link", "cpc-uri": CPC, "type": kind, **more})


def ends_of(console: Console, job: str) -> list[tuple[str, str]]:
    results: Any = prop(console, job, "job-results")
    return [(end["partition-uri"], end["operation-status"]) for end in results["operation-results"]]


END = {"partition-uri": IDLE}
AN_ADAPTER = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"starting-device-number": "zz"}, 7),
        ({"starting-device-number": 7400}, 7),
        ({"starting-device-number": "12345"}, 7),
        ({"starting-fid": "x"}, 7),
        ({"starting-fid": True}, 7),
        ({"starting-fid": 10**40}, 7),
        ({"maximum-transmission-unit-size": "8"}, 7),
        ({"description": 5}, 7),
        ({"devices-per-path": "4"}, 7),
        ({"devices-per-path": 0}, 7),
        ({"adapter-uri": [5]}, 7),
        ({"adapter-uri": AN_ADAPTER}, 6),
        ({"cpc-name": "x"}, 6),
        ({"bus-connections": [{**END, "nics": [5]}]}, 7),
        ({"bus-connections": [{**END, "nics": [{"device-numbers": []}]}]}, 7),
        ({"bus-connections": [{**END, "nics": [{"device-numbers": "4711"}]}]}, 7),
        ({"bus-connections": [{**END, "nics": [{"device-numbers": ["x"]}]}]}, 7),
        ({"bus-connections": [{**END, "nics": [{"fid": "x"}]}]}, 7),
        ({"bus-connections": [{**END, "nics": [{"vlan-id": []}]}]}, 7),
        ({"bus-connections": [{**END, "nics": [{"mac-address": 5}]}]}, 7),
        ({"bus-connections": [{**END, "number-of-nics": 0}]}, 7),
        ({"bus-connections": [{**END, "number-of-nics": True}]}, 7),
        ({"bus-connections": [{**END, "number-of-nics": 1025}]}, 8),
        ({"bus-connections": [{**END, "number-of-nics": 1000}, {"partition-uri": ACTIVE, "number-of-nics": 1000}]}, 8),
        ({"bus-connections": [{**END, "nics": [{}] * 1025}]}, 8),
        ({"bus-connections": [END, END]}, 8),
    ],
)
def test_what_a_jobs_end_would_stumble_over_is_refused_at_once(
    console: Console, more: dict[str, object], reason: int
) -> None:
    for kind in ("hipersockets", "smc-d"):
        before = set(console.model.hmc.all_resources)
        assert refusal(console, "POST", BASE, {"name": "n", "cpc-uri": CPC, "type": kind, **more}) == (400, reason)
        assert set(console.model.hmc.all_resources) == before


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"partitions": [5]}, 7),
        ({"partitions": [IDLE, IDLE]}, 8),
        ({"paths": [5]}, 7),
        ({"paths": [{}]}, 5),
        ({"paths": [{"starting-device-number": "x", "adapter-port-uri": AN_ADAPTER}]}, 7),
        ({"paths": [{"adapter-port-uri": AN_ADAPTER, "connecting-adapter-port-uri": AN_ADAPTER}] * 65}, 8),
    ],
)
def test_a_ctc_link_that_cannot_be_is_refused_at_once(console: Console, more: dict[str, object], reason: int) -> None:
    assert refusal(console, "POST", BASE, {"name": "n", "cpc-uri": CPC, "type": "ctc", **more}) == (400, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"starting-device-number": "zz"}, 7),
        ({"name": 5}, 7),
        ({"added-partition-uris": [5]}, 7),
        ({"added-connections": [{**END, "nics": [5]}]}, 7),
        ({"added-connections": [END], "added-partition-uris": [IDLE]}, 8),
        ({"removed-partition-uris": [IDLE, IDLE]}, 8),
    ],
)
def test_a_change_that_cannot_be_is_refused_at_once(
    console: Console, told: Told, body: dict[str, object], reason: int
) -> None:
    link = new_link(console, told)
    assert refusal(console, "POST", f"{link}/operations/modify", body) == (400, reason)
    assert prop(console, link, "state") == "incomplete"


def test_as_many_nics_as_may_be_are_made_and_their_numbers_begin_anew(console: Console, told: Told) -> None:
    end = {**END, "number-of-nics": 1024}
    new_link(console, told, "hipersockets", **{"starting-device-number": "FFFF", "bus-connections": [end]})
    made = nics(console, IDLE)[-1024:]
    assert [prop(console, uri, "device-number") for uri in made[:3]] == ["FFFF", "0000", "0001"]
    assert len({prop(console, uri, "name") for uri in made}) == 1024


def test_a_link_has_no_more_nics_than_may_be_however_they_came(console: Console, told: Told) -> None:
    link, added = new_link(console, told, "smc-d"), [{**END, "number-of-nics": 1000}]
    for _ in range(10):
        modify(console, told, link, added_connections=added)
        assert prop(console, link, "state") == "incomplete"
    assert refusal(console, "POST", f"{link}/operations/modify", {"added-connections": added}) == (400, 8)
    modify(console, told, link, removed_partition_uris=[IDLE])
    modify(console, told, link, added_connections=added)


def test_a_ctc_link_has_no_more_devices_than_may_be(console: Console, told: Told) -> None:
    new = {"processor-mode": "shared", "ifl-processors": 1, "initial-memory": 1024, "maximum-memory": 1024}
    made = [ask(console, "POST", f"{CPC}/partitions", {**new, "name": f"p{number}"}) for number in range(19)]
    uris = [partition.headers["Location"] for partition in made]
    paths = [{"adapter-port-uri": AN_ADAPTER, "connecting-adapter-port-uri": AN_ADAPTER}] * 64
    link = new_link(console, told, "ctc", partitions=uris[:18], paths=paths)
    assert prop(console, link, "state") == "complete"
    assert refusal(console, "POST", f"{link}/operations/modify", {"added-partition-uris": uris[18:]}) == (400, 8)
    # 64 x 18 x 17 / 2 fit, and 64 x 19 x 18 / 2 do not.
    body = {"name": "n", "cpc-uri": CPC, "type": "ctc", "partitions": uris, "paths": paths}
    assert refusal(console, "POST", BASE, body) == (400, 8)


@pytest.mark.parametrize("kind", ["hipersockets", "smc-d", "ctc"])
def test_a_partition_that_is_deleted_while_its_link_is_made_is_no_end_of_it(
    console: Console, told: Told, kind: str
) -> None:
    uris = [IDLE, ACTIVE]
    ends = {"partitions": uris} if kind == "ctc" else {"bus-connections": [{"partition-uri": uri} for uri in uris]}
    path = {"adapter-port-uri": AN_ADAPTER, "connecting-adapter-port-uri": AN_ADAPTER}
    answer = begun(console, kind, **ends, **({"paths": [path]} if kind == "ctc" else {}))
    assert ask(console, "DELETE", IDLE).status == 204
    told.now_s += 10
    assert ends_of(console, job_of(answer)) == [(IDLE, "failed"), (ACTIVE, "attached")]
    link = answer.headers["Location"]
    assert prop(console, link, "state") == "incomplete"
    assert IDLE not in str(ask(console, "GET", link).body)
    assert not [uri for uri in console.model.hmc.all_resources if uri.startswith(IDLE)]
    assert prop(console, ACTIVE, "partition-link-uris") == [link]


@pytest.mark.parametrize("change", ["added-partition-uris", "removed-partition-uris"])
def test_a_partition_that_is_deleted_while_its_link_changes_is_no_end_of_it_and_nothing_is_told_of_it(
    console: Console, told: Told, change: str
) -> None:
    attached = [{"partition-uri": IDLE}] if change.startswith("removed") else []
    link = new_link(console, told, "hipersockets", **{"bus-connections": attached})
    prop(console, link, "state")
    job = job_of(ask(console, "POST", f"{link}/operations/modify", {change: [IDLE]}))
    ask(console, "DELETE", IDLE)
    console.model.journal.take()
    told.now_s += 10
    assert ends_of(console, job) == [(IDLE, "failed" if change.startswith("added") else "detached")]
    assert prop(console, link, "bus-connections") == []
    changes = [item for item in console.model.journal.take() if isinstance(item, PropertyChange | StatusChange)]
    assert {item.subject.uri for item in changes} == {link}


def test_a_new_link_is_busy_until_its_job_ends(console: Console, told: Told) -> None:
    link = begun(console, "hipersockets").headers["Location"]
    for operation, body in (("delete", {}), ("modify", {"description": "d"})):
        assert refusal(console, "POST", f"{link}/operations/{operation}", body) == (409, 2)
    told.now_s += 10
    job_of(ask(console, "POST", f"{link}/operations/delete", {}))


def test_a_link_that_is_gone_before_its_job_ends_is_attached_to_nothing(console: Console, told: Told) -> None:
    """No operation can do that, as it is busy; a person at the console can."""
    answer = begun(console, "hipersockets", **{"bus-connections": [END]})
    before, resource = nics(console, IDLE), console.model.resource(answer.headers["Location"])
    with console.model.transaction():
        resource.manager.remove(resource.oid)
    told.now_s += 10
    assert prop(console, job_of(answer), "job-status-code") == 404
    assert nics(console, IDLE) == before
    assert prop(console, IDLE, "partition-link-uris") == []


def test_a_name_that_was_taken_meanwhile_is_the_jobs_outcome(console: Console, told: Told) -> None:
    link = new_link(console, told)
    prop(console, link, "state")
    job = job_of(ask(console, "POST", f"{link}/operations/modify", {"name": "n", "added-partition-uris": [IDLE]}))
    ask(console, "POST", BASE, {"name": "n", "cpc-uri": CPC, "type": "smc-d"})
    told.now_s += 10
    assert (prop(console, job, "job-status-code"), prop(console, job, "job-reason-code")) == (400, 8)
    assert [prop(console, link, name) for name in ("name", "state", "bus-connections")] == ["link", "incomplete", []]


def test_a_link_that_loses_a_partition_links_nothing_any_more(console: Console, told: Told) -> None:
    link = new_link(console, told, "smc-d", **{"bus-connections": [{"partition-uri": uri} for uri in (IDLE, ACTIVE)]})
    assert prop(console, link, "state") == "complete"
    ask(console, "DELETE", IDLE)
    assert prop(console, link, "state") == "incomplete"


def test_nobody_writes_what_a_jobs_end_relies_on(console: Console, told: Told) -> None:
    link = new_link(console, told)
    for name in ("nic-uris", "partition-link-uris"):
        assert refusal(console, "POST", IDLE, {name: []}) == (400, 6)
    for name in ("network-port-uris", "storage-port-uris"):  # without them an adapter's DELETE finds no ports
        assert refusal(console, "POST", ADAPTER, {name: []}) == (400, 6)
    template = ask(console, "POST", "/api/storage-templates", {"name": "t", "cpc-uri": CPC, "type": "fcp"})
    body: dict[str, object] = {"storage-template-volume-uris": []}
    assert refusal(console, "POST", f"{template.headers['Location']}/operations/modify", body) == (400, 6)
    imported = {"partition-links": [{"object-uri": link, "bus-connections": 5}], "cpc-properties": {"nic-uris": ["x"]}}
    imported["partitions"] = [{"object-uri": IDLE, "partition-link-uris": ["x"]}]
    answer: Any = ask(console, "POST", f"{CPC}/operations/import-dpm-config", imported)
    assert [item["resource-uri"] for item in answer.body["output"]] == [link]
    modify(console, told, link, added_partition_uris=[IDLE])
    assert prop(console, IDLE, "partition-link-uris") == [link]

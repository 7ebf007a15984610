"""Fields of a body whose names tell what they are."""

from __future__ import annotations

import pytest

from harness.hmc.operations import Console
from tests.hmc.test_operations import ACTIVE, CPC, IDLE, NIC, SWITCH, ask, prop, refusal


@pytest.mark.parametrize(
    ("uri", "body"),
    [
        (ACTIVE, {"name": 5}),
        (ACTIVE, {"name": None}),
        (ACTIVE, {"nic-uris": NIC}),
        (ACTIVE, {"crypto-configuration": "none"}),
        (ACTIVE, {"crypto-configuration": {"crypto-adapter-uris": [5]}}),
        (NIC, {"virtual-switch-uri": [SWITCH]}),
        (f"{CPC}/partitions", {"name": "p", "ifl-processors": 1, "storage-group-uris": None}),
    ],
)
def test_what_cannot_be_what_its_name_says_is_refused(console: Console, uri: str, body: object) -> None:
    assert refusal(console, "POST", uri, body) == (400, 7)


def test_a_uri_may_be_null_and_not_all_that_ends_in_uris_is_one(console: Console) -> None:
    assert ask(console, "POST", IDLE, {"boot-network-device": None, "boot-iso-uri": None}).status == 204
    assert ask(console, "POST", f"{CPC}/operations/import-dpm-config", {"preserve-uris": True}).status < 300


def test_of_several_requests_only_the_odd_one_is_refused(console: Console) -> None:
    requests = [
        {"method": "POST", "uri": ACTIVE, "body": {"name": 5}},
        {"method": "POST", "uri": ACTIVE, "body": {"name": "five"}},
    ]
    answer = ask(console, "POST", "/api/services/aggregation/submit", {"requests": requests})
    assert isinstance(answer.body, list)
    assert [one["status"] for one in answer.body] == [400, 204]
    assert prop(console, ACTIVE, "name") == "five"

"""The control interface's table: every word is described, and what comes from outside is checked before it is done."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from harness.errors import BadInput
from harness.hmc import HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.changes import Change, InventoryChange, LogEntry, LogKind, PropertyChange, StatusChange
from harness.hmc.control import Control, RequestJournal
from harness.hmc.control.table import WORDS
from harness.hmc.operations import Console

HOST_OF_NICS = "dpm-host-1"


class Hmc:
    """An HMC that nobody reaches, and the words for it."""

    def __init__(self, inventory: Inventory) -> None:
        self.hmc = MockHmc(inventory, HmcSettings(users={}), NullObserver(), ThrowawayCa())
        self.control = Control(self.hmc, RequestJournal(NullObserver()))
        self.changes: list[Change] = []
        self.hmc.changes.subscribe(self.changes.append)

    def say(self, word: str, **told: object) -> Any:
        return asyncio.run(WORDS[word].carry_out(self.control, told))

    def look(self) -> Console:
        return self.hmc.by_hand(lambda console: console)


@pytest.fixture
def hmc(two_nics: Inventory) -> Hmc:
    return Hmc(two_nics)


def test_every_word_says_what_it_does() -> None:
    assert set(WORDS) >= {
        "change",
        "remove-nic",
        "add-nic",
        "expire-sessions",
        "restart",
        "job-seconds",
        "metrics",
        "requests",
    }
    assert all(word.says for word in WORDS.values())


@pytest.mark.parametrize(
    ("word", "told", "says"),
    [
        ("show", {}, "needs the parameter 'resource'"),
        ("show", {"resource": 7}, "has to be text"),
        ("show", {"resource": "partition:part-1", "more": 1}, "no parameter 'more'"),
        ("show", {"resource": "partition:nobody"}, "0 resources"),
        ("show", {"resource": "/api/partitions/none"}, "no resource"),
        ("show", {"resource": "part-1"}, "CLASS:NAME"),
        ("change", {"resource": "partition:part-1", "properties": []}, "an object"),
        ("change", {"resource": "partition:part-1", "properties": {"statuss": "x"}}, "did you mean 'status'?"),
        ("change", {"resource": "partition:part-1", "properties": {"status": "actve"}}, "did you mean 'active'?"),
        ("change", {"resource": "partition:part-1", "properties": {"status": 7}}, "no status 7; it has"),
        ("change", {"resource": "partition:part-1", "properties": {}, "new": 1}, "true or false"),
        (
            "change",
            {"resource": "partition:part-1", "properties": {"name": 5}},
            "the 'name' of a partition is text, not 5",
        ),
        ("change", {"resource": "partition:part-1", "properties": {"name": None}}, "is text, not None"),
        ("change", {"resource": "partition:part-1", "properties": {"nic-uris": "x"}}, "is a list, not 'x'"),
        ("change", {"resource": "cpc:cpc-1", "properties": {"dpm-enabled": 1}}, "is true or false, not 1"),
        ("change", {"resource": "cpc:cpc-1", "properties": {"storage-customer": "1"}}, "is a number, not '1'"),
        ("change", {"resource": "cpc:cpc-1", "properties": {"network-info": [float("nan")]}, "new": True}, "as JSON"),
        ("change", {"resource": "cpc:cpc-1", "properties": {"x": date(2026, 1, 1)}, "new": True}, "as JSON"),
        ("log", {"log": "audit", "text": "half a character: \ud800"}, "as JSON"),
        ("show", {"resource": "partition:part1"}, "did you mean 'partition:part-1'?"),
        (
            "job-seconds",
            {"request": "POST /api/partitons/*/operations/start", "seconds": 1},
            "did you mean 'POST /api/p",
        ),
        ("job-seconds", {"request": "GET /api/partitions/*/operations/start", "seconds": 1}, "starts a job"),
        ("add-nic", {"partition": "part-1", "nic": "n", "mac": "fa:16", "host": "h"}, "no MAC address"),
        ("os-message", {"resource": "nic:nic-1", "text": "x"}, "no operating system runs"),
        ("remove-nic", {"partition": "part-1", "nic": "none"}, "no NIC"),
        ("restart", {"away_s": -1}, "0 or more"),
        ("restart", {"away_s": float("nan")}, "finite"),
        ("restart", {"away_s": 10**400}, "finite"),
        ("job-seconds", {"request": "POST /x", "seconds": -(10**400)}, "finite"),
        ("restart", {"away_s": True}, "a number"),
        ("job-seconds", {"request": "NONSENSE /x", "seconds": 1}, "HTTP method"),
        ("job-seconds", {"request": "POST /x", "seconds": -1}, "0 or more"),
        ("log", {"log": "none", "text": "x"}, "audit, security"),
        ("os-message", {"resource": "partition:none", "text": "x"}, "0 resources"),
        ("metrics", {"group": "none", "resource": "cpc:cpc-1", "values": {}}, "no metric group"),
        ("metrics", {"group": "partition-usage", "resource": "cpc:cpc-1", "values": {"x": 1}}, "no metric 'x'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    hmc: Hmc, word: str, told: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput) as caught:
        hmc.say(word, **told)
    assert says in str(caught.value)


def test_python_is_told_the_same_of_what_json_lacks(hmc: Hmc) -> None:
    nan = float("nan")
    refused: dict[str, Callable[[], object]] = {
        "the parameter 'properties' cannot be told as JSON": lambda: hmc.control.change(
            "partition:part-1", {"description": [nan]}, new=True
        ),
        "the parameter 'values' cannot be told as JSON": lambda: hmc.control.metrics(
            "partition-usage", "partition:part-1", {"processor-usage": nan}
        ),
        "cannot be away for nan s": lambda: asyncio.run(hmc.control.restart(nan)),
        "cannot take nan s": lambda: hmc.control.job_seconds("**", nan),
        "cannot be away for 10+ s": lambda: asyncio.run(hmc.control.restart(10**400)),
        "cannot take 10+ s": lambda: hmc.control.job_seconds("**", 10**400),
    }
    for says, say in refused.items():
        with pytest.raises(BadInput, match=says):
            say()
    assert hmc.changes == []


def test_null_is_a_value_of_every_type_and_new_lets_any_pass(hmc: Hmc) -> None:
    hmc.say("change", resource="partition:part-1", properties={"description": None})
    hmc.say("change", resource="partition:part-1", properties={"description": 7}, new=True)
    assert hmc.say("show", resource="partition:part-1")["description"] == 7


def test_a_change_is_there_and_is_told(hmc: Hmc) -> None:
    hmc.say("change", resource="partition:part-1", properties={"status": "terminated", "description": "gone"})
    shown = hmc.say("show", resource="partition:part-1")
    assert (shown["status"], shown["description"]) == ("terminated", "gone")
    status, description = hmc.changes
    assert isinstance(status, StatusChange)
    assert (status.old, status.new) == ("active", "terminated")
    assert isinstance(description, PropertyChange)
    assert description.properties["description"][1] == "gone"


def test_a_typo_changes_nothing_and_a_new_name_is_made_where_that_is_said(hmc: Hmc) -> None:
    with pytest.raises(BadInput, match="--new"):
        hmc.say("change", resource="partition:part-1", properties={"description": "x", "statuss": "active"})
    assert hmc.changes == []
    hmc.say("change", resource="partition:part-1", properties={"statuss": "active", "status": "bogus"}, new=True)
    shown = hmc.say("show", resource="partition:part-1")
    assert (shown["statuss"], shown["status"]) == ("active", "bogus")


@pytest.mark.parametrize(
    "request_pattern", ["/api/partitions/some-id/operations/start", "**", "POST /api/**/load", "POST /api/cpcs/x/**"]
)
def test_job_seconds_takes_whatever_can_meet_a_job(hmc: Hmc, request_pattern: str) -> None:
    hmc.say("job-seconds", request=request_pattern, seconds=3)
    assert list(hmc.look().settings.job_seconds_of.values()) == [3]


def test_nics_go_and_come(hmc: Hmc) -> None:
    hmc.say("remove-nic", partition="part-1", nic="nic-1")
    hmc.say("add-nic", partition="part-1", nic="nic-9", mac="fa:16:3e:00:00:09", host=HOST_OF_NICS)
    assert [nic.name for nic in hmc.hmc.owned_nics(HOST_OF_NICS)] == ["nic-2", "nic-9"]


def test_a_new_nic_is_told_when_its_partition_already_lists_it(hmc: Hmc) -> None:
    """Else zhmcclient's AutoUpdater, which looks into that list when it is told of the NIC, misses it for ever."""
    hmc.say("add-nic", partition="part-1", nic="nic-9", mac="fa:16:3e:00:00:09", host=HOST_OF_NICS)
    kinds = [type(change) for change in hmc.changes]
    assert kinds[-1] is InventoryChange
    owner = [change for change in hmc.changes if isinstance(change, PropertyChange) and "nic-uris" in change.properties]
    assert [change.subject.name for change in owner] == ["part-1"]


def test_the_latest_word_on_jobs_counts_for_those_that_begin_from_now_on(hmc: Hmc) -> None:
    hmc.say("job-seconds", request="POST /api/partitions/*/operations/start", seconds=30)
    hmc.say("job-seconds", request="POST /api/partitions/**", seconds=5)
    settings = hmc.look().settings
    assert settings.seconds_of("POST", "/api/partitions/1/operations/start") == 5
    hmc.say("job-seconds", request="POST /api/partitions/*/operations/start", seconds=7)
    assert settings.seconds_of("POST", "/api/partitions/1/operations/start") == 7
    assert settings.seconds_of("POST", "/api/partitions/1/operations/stop") == 5


def test_metric_values_keep_their_group_whole_and_in_order(hmc: Hmc) -> None:
    told = {"group": "partition-usage", "resource": "partition:part-1"}
    hmc.say("metrics", **told, values={"network-usage": 7})
    hmc.say("metrics", **told, values={"processor-usage": 42})
    model = hmc.look().model.hmc
    [values] = model.metric_values["partition-usage"]
    assert [name for name, _ in values.values] == [name for name, _ in model.metric_groups["partition-usage"].types]
    assert (dict(values.values)["network-usage"], dict(values.values)["processor-usage"]) == (7, 42)
    assert dict(values.values)["storage-usage"] == 0


def test_logs_and_operating_systems_say_what_they_are_told(hmc: Hmc) -> None:
    hmc.say("log", log="audit", text="Painted: green")
    hmc.say("os-message", resource="partition:part-1", text="boo")
    [entry] = hmc.changes
    assert isinstance(entry, LogEntry)
    assert (entry.log, entry.entry["event-message"]) == (LogKind.AUDIT, "Painted: green")
    uri = hmc.say("show", resource="partition:part-1")["object-uri"]
    assert [message["message-text"] for message in hmc.look().os_messages.of(uri)] == ["boo"]


def test_the_journal_is_bounded_and_tells_what_came_after() -> None:
    times = itertools.count(1000)
    journal = RequestJournal(NullObserver(), kept=2, now_ms=lambda: next(times))

    async def play() -> None:
        for number in (1, 2, 3):
            await journal.on_request(number, "GET", f"/{number}", "me", f"n={number}")
        journal.on_answer(1, 200, -1, 0.1)
        journal.on_answer(3, 404, 1, 0.1)

    asyncio.run(play())
    assert [(request.number, request.status) for request in journal.since(0)] == [(2, 0), (3, 404)]
    assert [request.number for request in journal.since(2)] == [3]
    assert [(request.time_ms, request.query) for request in journal.since(0)] == [(1001, "n=2"), (1002, "n=3")]

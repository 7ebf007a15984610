"""What must hold whatever a client does, tried out through zhmcclient: hypothesis chooses what is done.

What was created is listed, and what was deleted is gone; an id is never given twice; a job's effect is there when it is
complete; the changes that are told are those that happened; a refusal changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import zhmcclient
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from harness.hmc import HmcSettings
from harness.hmc.changes import Change, InventoryChange
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world

pytestmark = pytest.mark.contract

EXAMPLES = int(os.environ.get("HMC_STATEFUL", "12"))
NAMES = st.sampled_from(["a", "b", "c", "d"])


class Client(RuleBasedStateMachine):
    """One client, and what it believes."""

    world: World
    """Set by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Change] = []
        self.end = self.world.do(lambda: self.world.hmc.changes.subscribe(self.told.append))
        self.session = self.world.session()
        self.cpc = zhmcclient.Client(self.session).cpcs.list()[0]
        self.console = self.cpc.manager.console
        self.before = {partition.uri for partition in self.cpc.partitions.list()}
        self.partitions: dict[str, Any] = {}
        self.status: dict[str, str] = {}
        self.nics: dict[str, set[str]] = {}
        self.links: dict[str, Any] = {}
        self.attached: dict[str, set[str]] = {}
        self.uris: list[str] = []

    def partition(self, name: str) -> Any:
        return self.partitions.get(name)

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        properties = {"name": f"x{name}", "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}
        if name in self.partitions:
            return
        partition = self.cpc.partitions.create(properties)
        self.partitions[name], self.status[name], self.nics[name] = partition, "stopped", set()
        self.uris.append(partition.uri)

    @precondition(lambda self: self.partitions)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        if self.status[name] != "stopped":
            with pytest.raises(zhmcclient.HTTPError) as caught:
                self.partitions[name].delete()
            assert caught.value.http_status == 409
            return
        self.partitions.pop(name).delete()
        del self.status[name], self.nics[name]
        for ends in self.attached.values():
            ends.discard(name)

    @precondition(lambda self: self.partitions)
    @rule(data=st.data())
    def start_or_stop(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        partition = self.partitions[name]
        if self.status[name] == "stopped":
            partition.start(wait_for_completion=True, status_timeout=0)
            self.status[name] = "active"
        else:
            partition.stop(wait_for_completion=True, status_timeout=0)
            self.status[name] = "stopped"

    @precondition(lambda self: self.partitions)
    @rule(data=st.data(), nic=NAMES)
    def add_or_remove_nic(self, data: st.DataObject, nic: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        nics = self.partitions[name].nics
        if nic in self.nics[name]:
            nics.find(name=nic).delete()
            self.nics[name].discard(nic)
            return
        made = nics.create({"name": nic, "virtual-switch-uri": self.cpc.virtual_switches.list()[0].uri})
        self.uris.append(made.uri)
        self.nics[name].add(nic)

    @rule(name=NAMES)
    def create_or_delete_link(self, name: str) -> None:
        if name in self.links:
            self.links.pop(name).delete(force_detach=True)
            del self.attached[name]
            return
        link = self.console.partition_links.create({"name": name, "cpc-uri": self.cpc.uri, "type": "smc-d"})
        self.links[name], self.attached[name] = link, set()
        self.uris.append(link.uri)

    @precondition(lambda self: self.links and self.partitions)
    @rule(data=st.data())
    def attach_or_detach(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(sorted(self.links)))
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        if name in self.attached[link]:
            self.partitions[name].detach_network_link(self.links[link])
            self.attached[link].discard(name)
        else:
            self.partitions[name].attach_network_link(self.links[link])
            self.attached[link].add(name)

    @rule()
    def refused(self) -> None:
        with pytest.raises(zhmcclient.HTTPError):
            self.cpc.partitions.create({"name": "never", "initial-memory": 1024, "maximum-memory": "much"})

    @invariant()
    def what_was_created_is_listed_and_nothing_else(self) -> None:
        listed = {partition.uri for partition in self.cpc.partitions.list()} - self.before
        assert listed == {partition.uri for partition in self.partitions.values()}
        for name, partition in self.partitions.items():
            partition.pull_full_properties()
            assert partition.properties["status"] == self.status[name]
            assert {nic.name for nic in partition.nics.list()} == self.nics[name]
            assert len(partition.properties["nic-uris"]) == len(self.nics[name])

    @invariant()
    def links_know_their_partitions(self) -> None:
        assert {link.name for link in self.console.partition_links.list()} == set(self.links)
        for name, link in self.links.items():
            link.pull_full_properties()
            uris = {item["partition-uri"] for item in link.properties["bus-connections"]}
            assert uris == {self.partitions[partition].uri for partition in self.attached[name]}

    @invariant()
    def no_uri_is_given_twice(self) -> None:
        assert len(set(self.uris)) == len(self.uris)

    @invariant()
    def what_is_told_is_what_happened(self) -> None:
        there: set[str] = set()
        for change in list(self.told):
            if isinstance(change, InventoryChange):
                assert (change.subject.uri in there) is not change.added
                (there.add if change.added else there.discard)(change.subject.uri)
        mine = {item.uri for item in (*self.partitions.values(), *self.links.values())}
        assert {uri for uri in there if "/nics/" not in uri} == mine

    def teardown(self) -> None:
        for link in self.links.values():
            link.delete(force_detach=True)
        for name, partition in self.partitions.items():
            if self.status[name] != "stopped":
                partition.stop(status_timeout=0)
            partition.delete()
        self.session.logoff()
        self.world.do(self.end)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hmc_world(tmp_path, settings=HmcSettings(users={USER: PASSWORD}, job_seconds=0.0)) as world:
        yield world


def test_whatever_a_client_does(world: World) -> None:
    class Bound(Client):
        pass

    Bound.world = world
    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(Bound, settings=settings)
    assert world.watcher.crashes == []

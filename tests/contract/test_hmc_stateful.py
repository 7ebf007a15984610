"""What must hold whatever a client does, tried out through zhmcclient: hypothesis chooses what is done.

What was created is listed, and what was deleted is gone; an id is never given twice; a job's status, result and effect
are those that it was asked for, at the time that they are due; what a NotificationReceiver is told is what happened, no
more and no less (`hmc_listener.Mirror`); a refusal changes nothing; what belongs to a session is nobody else's.

HMC_STATEFUL says how many stories are tried, then other ones each time; without it they are the same few.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import zhmcclient
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from harness.core.patterns import RequestPattern
from harness.hmc import HmcSettings
from tests.contract import stomp_client
from tests.contract.hmc_kinds import KINDS, NEW_PARTITION, console, of_cpc
from tests.contract.hmc_listener import Mirror, receiving
from tests.contract.hmc_world import PASSWORD, USER, hmc_world, until

pytestmark = pytest.mark.contract

ASKED = os.environ.get("HMC_STATEFUL", "")
EXAMPLES = int(ASKED or "12")
STEPS = 20
NAMES = st.sampled_from(["a", "b", "c", "d"])
OF_PARTITIONS = RequestPattern.parse("POST /api/partitions/*/operations/*")
OF_LINKS = RequestPattern.parse("POST /api/partition-links/*/operations/*")
LONG_S, SHORT_S = 3600.0, 0.1
CONTEXT = {"anticipated-frequency-seconds": 15}
PORT = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000003/network-ports/0"
SETTINGS = HmcSettings(users={USER: PASSWORD}, job_seconds=0.0, told_before_answer_s=0.0)


def refused(status: int, reason: int | None = None) -> Any:
    """A context in which the HMC refuses."""
    return pytest.raises(zhmcclient.HTTPError, match=f"^{status},{'' if reason is None else reason}")


@dataclass(slots=True)
class LongJob:
    """A job that has not ended, as far as the client knows."""

    job: zhmcclient.Job
    partition: str
    before: str
    after: str
    status: str = "running"


class Client(RuleBasedStateMachine):
    """One client, and what it believes."""

    folder: Path
    """Set by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.open = contextlib.ExitStack()
        self.world = self.open.enter_context(hmc_world(self.folder, settings=SETTINGS))
        self.session, self.other = self.world.session(), self.world.session()
        self.other.logon()
        self.cpc = zhmcclient.Client(self.session).cpcs.list()[0]
        self.mirror = Mirror(self.world, self.session, self.other)
        self.listening = self.open.enter_context(contextlib.ExitStack())
        self.messages = self.listening.enter_context(receiving(self.world, *self.mirror.topics))
        self.listed = {kind: KINDS[kind].listed(self.cpc) for kind in KINDS}
        self.before = {partition.uri for partition in self.cpc.partitions.list()}
        self.made: dict[tuple[str, str], Any] = {}
        self.partitions: dict[str, Any] = {}
        self.status: dict[str, str] = {}
        self.nics: dict[str, set[str]] = {}
        self.links: dict[str, Any] = {}
        self.attached: dict[str, set[str]] = {}
        self.groups: dict[str, Any] = {}
        self.volumes: dict[str, set[str]] = {}
        self.holders: dict[str, set[str]] = {}
        self.contexts: list[Any] = []
        self.jobs: dict[str, LongJob] = {}
        self.ended: list[str] = []
        self.link_jobs = 0
        self.uris: list[str] = []

    # Whatever stands for itself

    @rule(kind=st.sampled_from(sorted(KINDS)), name=NAMES)
    def create_or_delete(self, kind: str, name: str) -> None:
        if (kind, name) in self.made:
            gone = self.made.pop((kind, name))
            gone.delete()
            self.listed[kind].discard(gone.uri)
        else:
            self.made[kind, name] = made = KINDS[kind].made(self.cpc, name)
            self.listed[kind].add(made.uri)
            self.uris.append(made.uri)
        assert KINDS[kind].listed(self.cpc) == self.listed[kind]

    @precondition(lambda self: self.made or self.partitions)
    @rule(data=st.data(), text=st.sampled_from(["x", "y", "é\n"]))
    def change(self, data: st.DataObject, text: str) -> None:
        kinds = {"partition": self.partitions, "link": self.links, "storage group": self.groups}
        resources = self.made | {(kind, name): item for kind in kinds for name, item in kinds[kind].items()}
        changeable = sorted(
            key for key, item in resources.items() if hasattr(item, "update_properties")
        )  # groups lack it
        if not changeable:
            return
        kind, name = data.draw(st.sampled_from(changeable))
        resource = resources[kind, name]
        self.link_jobs += kind == "link"
        resource.update_properties({"description": text})
        assert self.session.get(resource.uri)["description"] == text

    # Partitions

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        if name in self.partitions:
            return
        partition = self.cpc.partitions.create({"name": f"x{name}", **NEW_PARTITION})
        self.partitions[name], self.status[name], self.nics[name] = partition, "stopped", set()
        self.uris.append(partition.uri)

    @precondition(lambda self: self.partitions)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        if self.status[name] != "stopped":
            with refused(409):
                self.partitions[name].delete()
            return
        self.delete_stopped(name)

    def delete_stopped(self, name: str) -> None:
        """Nothing is left of it anywhere."""
        self.partitions.pop(name).delete()
        del self.status[name], self.nics[name]
        for ends in (*self.attached.values(), *self.holders.values()):
            ends.discard(name)

    @precondition(lambda self: self.free())
    @rule(data=st.data(), nic=NAMES)
    def add_or_remove_nic(self, data: st.DataObject, nic: str) -> None:
        name = data.draw(st.sampled_from(self.free()))
        nics = self.partitions[name].nics
        if nic in self.nics[name]:
            nics.find(name=nic).delete()
            self.nics[name].discard(nic)
            return
        made = nics.create({"name": nic, "virtual-switch-uri": self.cpc.virtual_switches.list()[0].uri})
        self.uris.append(made.uri)
        self.nics[name].add(nic)

    # Jobs

    def free(self) -> list[str]:
        """The partitions on which no job is."""
        return sorted(set(self.partitions) - {job.partition for job in self.jobs.values()})

    def begun(self, name: str, seconds: float) -> LongJob:
        """A job that starts or stops a partition, and takes so long."""
        self.world.do(lambda: self.world.hmc.set_job_seconds(OF_PARTITIONS, seconds))
        before, partition = self.status[name], self.partitions[name]
        act, after = (partition.start, "active") if before == "stopped" else (partition.stop, "stopped")
        job = act(wait_for_completion=False)
        self.uris.append(job.uri)
        self.status[name] = "starting" if after == "active" else "stopping"
        return LongJob(job, name, before, after)

    def over(self, job: LongJob) -> None:
        """A job has ended: it has had its effect, or none."""
        self.status[job.partition] = job.before if job.status == "canceled" else job.after
        self.ended.append(job.job.uri)

    def forgotten(self, job: LongJob) -> None:
        """The client deletes a job that has ended, once."""
        self.session.delete(job.job.uri)
        for ask in (job.job.query_status, job.job.cancel, lambda: self.session.delete(job.job.uri)):
            with refused(404, 1):
                ask()

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def start_or_stop(self, data: st.DataObject) -> None:
        job = self.begun(data.draw(st.sampled_from(self.free())), 0.0)
        assert job.job.query_status() == ("complete", 200, None, None)
        with refused(409, 41):
            job.job.cancel()
        self.over(job)
        self.forgotten(job)

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        job = self.begun(data.draw(st.sampled_from(self.free())), LONG_S)
        self.jobs[job.job.uri] = job

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), cancel=st.booleans())
    def ask_or_cancel(self, data: st.DataObject, cancel: bool) -> None:
        job = self.jobs[data.draw(st.sampled_from(sorted(self.jobs)))]
        with refused(409, 40):
            self.session.delete(job.job.uri)
        if cancel and job.status == "cancel-pending":
            with refused(409, 42):
                job.job.cancel()
        elif cancel:
            job.job.cancel()
            job.status = "cancel-pending"
        assert job.job.query_status()[0] == job.status

    @precondition(lambda self: self.jobs)
    @rule()
    def the_console_forgets_its_jobs(self) -> None:
        self.world.do(lambda: self.world.hmc.by_hand(lambda hmc: hmc.jobs.forget_all()))
        self.jobs_are_forgotten()

    @rule()
    def restart_the_console(self) -> None:
        self.listening.close()
        console(self.cpc).restart(wait_for_available=False)
        for session in (self.session, self.other):
            with pytest.raises(zhmcclient.ServerAuthError, match="403,5"):
                session.get("/api/console", renew_session=False)
            session.logon(always=True)
        self.contexts.clear()
        self.jobs_are_forgotten()
        self.mirror.begin()  # nobody was left who could have been told what the jobs did
        self.messages = self.listening.enter_context(receiving(self.world, *self.mirror.topics))

    def jobs_are_forgotten(self) -> None:
        """Whoever forgot them."""
        for job in self.jobs.values():
            # Its effect is there, and nobody is told of its end.
            self.status[job.partition] = job.before if job.status == "cancel-pending" else job.after
            with refused(404, 1):
                job.job.query_status()
        self.jobs.clear()

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def cancel_in_time_or_not(self, data: st.DataObject) -> None:
        job = self.begun(data.draw(st.sampled_from(self.free())), SHORT_S)
        job.status = "canceled" if self.cancelled_in_time(job) else "complete"
        until(lambda: job.job.query_status()[0] not in ("running", "cancel-pending"))
        assert job.job.query_status()[0] == job.status
        self.over(job)
        self.forgotten(job)

    def cancelled_in_time(self, job: LongJob) -> bool:
        """Whether the HMC takes the request; it does not where this machine is so slow that the job is over."""
        try:
            job.job.cancel()
        except zhmcclient.HTTPError as error:
            if (error.http_status, error.reason) == (409, 41):
                return False
            raise
        return True

    # Partition links; each operation on them is a job that zhmcclient waits for

    @rule(name=NAMES)
    def create_or_delete_link(self, name: str) -> None:
        self.link_jobs += 1
        if name in self.links:
            self.links.pop(name).delete(force_detach=True)
            del self.attached[name]
            return
        link = console(self.cpc).partition_links.create({"name": name, "cpc-uri": self.cpc.uri, "type": "smc-d"})
        self.links[name], self.attached[name] = link, set()
        self.uris.append(link.uri)

    @precondition(lambda self: self.links and self.partitions)
    @rule(data=st.data())
    def attach_or_detach(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(sorted(self.links)))
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        self.link_jobs += 1
        if name in self.attached[link]:
            self.partitions[name].detach_network_link(self.links[link])
            self.attached[link].discard(name)
        else:
            self.partitions[name].attach_network_link(self.links[link])
            self.attached[link].add(name)

    def stopped(self) -> list[str]:
        """The partitions that can be deleted."""
        return sorted(name for name, status in self.status.items() if status == "stopped")

    @precondition(lambda self: self.links and self.stopped())
    @rule(data=st.data())
    def delete_while_a_link_is_attached_or_detached(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(sorted(self.links)))
        name = data.draw(st.sampled_from(self.stopped()))
        is_detached = name in self.attached[link]
        self.world.do(lambda: self.world.hmc.set_job_seconds(OF_LINKS, SHORT_S))
        partition, self.link_jobs = self.partitions[name], self.link_jobs + 1
        act = partition.detach_network_link if is_detached else partition.attach_network_link
        job = act(self.links[link], wait_for_completion=False)
        self.delete_stopped(name)
        until(lambda: job.query_status()[0] == "complete")
        self.world.do(lambda: self.world.hmc.set_job_seconds(OF_LINKS, 0.0))
        _, status, _, results = job.query_status()
        [end] = results["operation-results"]
        assert (status, end["partition-uri"]) == (200, partition.uri)
        # Attached it is where this machine is so slow that the job was over before.
        assert end["operation-status"] in ({"detached"} if is_detached else {"failed", "attached"})

    # Storage groups

    @rule(name=NAMES)
    def create_or_delete_group(self, name: str) -> None:
        if name not in self.groups:
            properties = {"name": name, "candidate-adapter-port-uris": [PORT], **of_cpc(self.cpc)}
            self.groups[name] = group = console(self.cpc).storage_groups.create(properties)
            self.volumes[name], self.holders[name] = set(), set()
            self.uris.append(group.uri)
        elif self.holders[name]:
            with refused(409):
                self.groups[name].delete()
        else:
            self.groups.pop(name).delete()
            del self.volumes[name], self.holders[name]

    @precondition(lambda self: self.groups)
    @rule(data=st.data(), volume=NAMES)
    def add_or_remove_volume(self, data: st.DataObject, volume: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.groups)))
        volumes = self.groups[name].storage_volumes
        if volume in self.volumes[name]:
            volumes.find(name=volume).delete()
            self.volumes[name].discard(volume)
        else:
            self.uris.append(volumes.create({"name": volume, "size": 1}).uri)
            self.volumes[name].add(volume)

    @precondition(lambda self: self.groups and self.partitions)
    @rule(data=st.data())
    def hold_or_release(self, data: st.DataObject) -> None:
        group = data.draw(st.sampled_from(sorted(self.groups)))
        name = data.draw(st.sampled_from(sorted(self.partitions)))
        if name in self.holders[group]:
            self.partitions[name].detach_storage_group(self.groups[group])
            self.holders[group].discard(name)
        else:
            self.partitions[name].attach_storage_group(self.groups[group])
            self.holders[group].add(name)

    # What is a session's own

    @rule()
    def create_or_delete_context(self) -> None:
        if len(self.contexts) < 2:
            context = zhmcclient.Client(self.session).metrics_contexts.create(CONTEXT)
            self.contexts.append(context)
            self.uris.append(context.uri)
        else:
            self.contexts.pop(0).delete()
        for context in self.contexts:
            self.session.get(context.uri)
            with refused(404, 1):
                self.other.get(context.uri)

    @rule()
    def log_off_and_on(self) -> None:
        """The client's topics stay those of the session that began the story, so another one goes and comes."""
        session = self.world.session()
        context = zhmcclient.Client(session).metrics_contexts.create(CONTEXT)
        self.uris += [context.uri, session.session_id]
        session.logoff()
        with refused(404, 1):
            self.session.get(context.uri)

    @rule()
    def refuse(self) -> None:
        with refused(400):
            self.cpc.partitions.create({"name": "never", "initial-memory": 1024, "maximum-memory": "much"})

    # What holds at all times

    @invariant()
    def everything_holds(self) -> None:
        self.what_is_told_is_what_happened()  # first, as the others look at what the HMC has just shown
        self.what_was_created_is_listed_and_nothing_else()
        self.links_know_their_partitions()
        self.groups_know_their_volumes_and_partitions()
        assert len({uri.rpartition("/")[2] for uri in self.uris}) == len(self.uris)

    def what_is_told_is_what_happened(self) -> None:
        self.mirror.compare(self.messages)
        of_links = [uri for uri in self.mirror.ended_jobs if uri not in self.ended]
        assert [uri for uri in self.mirror.ended_jobs if uri in self.ended] == self.ended
        assert len(set(of_links)) == len(of_links) == self.link_jobs

    def what_was_created_is_listed_and_nothing_else(self) -> None:
        listed = {partition.uri for partition in self.cpc.partitions.list()} - self.before
        assert listed == {partition.uri for partition in self.partitions.values()}
        for name, partition in self.partitions.items():
            properties = self.mirror.properties(partition.uri)
            assert properties["status"] == self.status[name]
            nics = [self.mirror.properties(uri) for uri in properties["nic-uris"]]
            assert sorted(nic["name"] for nic in nics) == sorted(self.nics[name])

    def links_know_their_partitions(self) -> None:
        assert {link.name for link in console(self.cpc).partition_links.list()} == set(self.links)
        for name, link in self.links.items():
            uris = {item["partition-uri"] for item in self.mirror.properties(link.uri)["bus-connections"]}
            assert uris == {self.partitions[partition].uri for partition in self.attached[name]}

    def groups_know_their_volumes_and_partitions(self) -> None:
        assert {group.name for group in console(self.cpc).storage_groups.list()} == set(self.groups)
        for name, group in self.groups.items():
            properties = self.mirror.properties(group.uri)
            volumes = [self.mirror.properties(uri) for uri in properties["storage-volume-uris"]]
            assert sorted(volume["name"] for volume in volumes) == sorted(self.volumes[name])
            held = [self.mirror.properties(uri) for uri in properties["virtual-storage-resource-uris"]]
            holders = sorted(item["partition-uri"] for item in held)
            assert holders == sorted(self.partitions[holder].uri for holder in self.holders[name])
            assert holders == sorted(item.uri for item in group.list_attached_partitions())

    def teardown(self) -> None:
        with self.open:
            self.other.logoff()
            self.session.logoff()


def test_whatever_a_client_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stomp_client.mend(monkeypatch)

    class Bound(Client):
        folder = tmp_path

    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not ASKED,
        database=None,
        print_blob=True,
        phases=[hypothesis.Phase.generate],  # to shrink a story takes minutes; its blob plays it again
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(Bound, settings=settings)

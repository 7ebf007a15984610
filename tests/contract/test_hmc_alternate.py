"""An alternate HMC is another console of the same CPCs: the real zhmcclient sees one model, and two of all else."""

from __future__ import annotations

import json
import queue
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zhmcclient

from harness.core.patterns import RequestPattern
from harness.hmc import HMC_PORT, HmcSettings, MockHmc, NullObserver
from harness.hmc.notifications import STOMP_PORT
from tests.contract import stomp_client
from tests.contract.hmc_listener import Message, receiving
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until

pytestmark = pytest.mark.contract


class Numbers(NullObserver):
    """Keeps the numbers of requests, and what must not happen."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.crashes: list[str] = []

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        self.numbers.append(number)

    def on_crash(self, component: str, error: str) -> None:
        self.crashes.append(f"{component}: {error}")


class Pair:
    """Both of them, and a session at each."""

    def __init__(self, world: World, alternate: MockHmc, host: str, numbers: Numbers) -> None:
        self.world, self.alternate, self.host, self.numbers = world, alternate, host, numbers
        self.other_world = replace(world, hmc=alternate, host=host)
        self.here, self.there = self.session(world.host), self.session(host)

    def session(self, *hosts: str) -> zhmcclient.Session:
        return zhmcclient.Session(list(hosts), USER, PASSWORD, verify_cert=self.world.ca_file)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    stomp_client.mend(monkeypatch)
    settings = HmcSettings(users={USER: PASSWORD}, job_seconds=30.0)
    with hmc_world(tmp_path, settings=settings) as world:
        numbers = Numbers()
        alternate = world.wait(_alternate(world.hmc, numbers))
        host = world.host.removesuffix(".7") + ".8"
        try:
            world.wait(alternate.start(host, HMC_PORT, stomp_port=STOMP_PORT))
            yield Pair(world, alternate, host, numbers)
            assert numbers.crashes == []
        finally:
            world.wait(alternate.close())


async def _alternate(hmc: MockHmc, numbers: Numbers) -> MockHmc:
    return hmc.alternate(numbers)


def partition(session: zhmcclient.Session, name: str) -> zhmcclient.Partition:
    (cpc,) = zhmcclient.Client(session).cpcs.list(filter_args={"name": "cpc-1"})
    return cpc.partitions.find(name=name)


def test_both_show_the_same_objects_and_what_one_changes_the_other_sees(pair: Pair) -> None:
    here, there = partition(pair.here, "part-1"), partition(pair.there, "part-1")
    assert here.uri == there.uri
    here.update_properties({"description": "changed here"})
    there.pull_full_properties()
    assert there.get_property("description") == "changed here"
    pair.world.do(lambda: pair.world.hmc.remove_nic("part-1", "nic-2"))
    assert "nic-2" not in [nic.name for nic in partition(pair.there, "part-1").nics.list()]


def test_a_session_of_one_means_nothing_to_the_other(pair: Pair) -> None:
    """403,5, as to a session that has expired: zhmcclient logs on again."""
    pair.here.logon()
    stranger = zhmcclient.Session(pair.host, USER, session_id=pair.here.session_id, verify_cert=pair.world.ca_file)
    with pytest.raises(zhmcclient.ServerAuthError) as caught:
        stranger.get("/api/console", renew_session=False)
    assert (caught.value.details.http_status, caught.value.details.reason) == (403, 5)
    pair.there.logon()
    assert pair.there.session_id != pair.here.session_id
    pair.world.do(pair.world.hmc.expire_sessions)
    assert pair.there.get("/api/console", renew_session=False), "what one forgets the other remembers"


def test_a_job_is_known_where_it_was_started_but_its_resource_is_busy_at_both(pair: Pair) -> None:
    job = partition(pair.here, "part-1").psw_restart(wait_for_completion=False)
    with pytest.raises(zhmcclient.HTTPError) as caught:
        pair.there.get(job.uri)
    assert (caught.value.http_status, caught.value.reason) == (404, 1)
    target = partition(pair.there, "part-1")
    with pytest.raises(zhmcclient.HTTPError) as caught:
        target.stop(wait_for_completion=False)
    assert (caught.value.http_status, caught.value.reason) == (409, 2)
    pair.world.do(pair.world.hmc.forget_jobs)
    assert target.stop(wait_for_completion=False), "a console that has forgotten the job keeps nobody from the next one"


FENCE = "the last change"


def told_until_the_fence(messages: queue.Queue[Message]) -> list[str]:
    """The types of the notifications that came before the last change."""
    told: list[str] = []
    while True:
        headers, body = messages.get(timeout=10)
        if body and FENCE in json.dumps(body):
            return told
        told.append(headers["notification-type"])


def test_both_tell_of_objects_and_each_one_of_its_own_jobs_logs_and_messages(pair: Pair) -> None:
    start = RequestPattern.parse("POST /api/partitions/*/operations/start")
    pair.world.do(lambda: pair.world.hmc.set_job_seconds(start, 0))
    idle, active = partition(pair.here, "part-idle"), partition(pair.here, "part-1")
    opened = (pair.here, active), (pair.there, partition(pair.there, "part-1"))
    channels = [target.open_os_message_channel() for _, target in opened]
    topics = [{item["topic-name"] for item in session.get_notification_topics()} for session, _ in opened]
    assert set(channels) < topics[0] | topics[1]
    assert not topics[0] & topics[1], "what one names the other does not"
    with receiving(pair.world, *topics[0]) as here, receiving(pair.other_world, *topics[1]) as there:
        idle.start(wait_for_completion=False)
        active.send_os_command("hello")
        active.update_properties({"description": FENCE})
        assert {"status-change", "job-completion", "log-entry", "os-message"} <= set(told_until_the_fence(here))
        assert told_until_the_fence(there) == ["status-change", "status-change"]


def test_a_console_that_was_shut_down_leaves_the_other_and_comes_back(pair: Pair) -> None:
    pair.there.logon()
    pair.here.post("/api/console/operations/shutdown", body={})
    until(lambda: not is_reached(pair.world.host))
    partition(pair.there, "part-1").update_properties({"description": "changed there"})
    pair.world.wait(pair.world.hmc.restart())
    until(lambda: is_reached(pair.world.host))
    assert partition(pair.here, "part-1").get_property("description") == "changed there"


def is_reached(host: str) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, HMC_PORT), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):  # a port that closes at this moment resets who waits there
        return False
    return True


def test_a_request_has_a_number_that_no_other_has(pair: Pair) -> None:
    """So that an answer in a history is that of one request, whichever HMC gave it."""
    pair.there.logon()
    pair.here.logon()
    pair.there.get("/api/console")
    assert pair.numbers.numbers[0] == 1
    assert pair.numbers.numbers[1] - pair.numbers.numbers[0] > 1


def test_zhmcclient_takes_the_first_that_answers(pair: Pair) -> None:
    """What scenarios of two HMCs build on."""
    both = pair.session(pair.world.host, pair.host)
    both.logon()
    assert both.actual_host == pair.world.host
    pair.world.wait(pair.world.hmc.close())
    with pytest.raises(zhmcclient.ConnectionError):
        both.get("/api/console")
    assert both.actual_host == pair.world.host, "a session that is lost to the network stays where it was"
    both.logon(verify=True)
    assert both.actual_host == pair.host

"""Notifications, held against zhmcclient's own NotificationReceiver and AutoUpdater, and clients that misbehave.

Each HMC has the ports of a real one at an address of its own, because the AutoUpdater knows no others.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import zhmcclient

from harness.hmc import HmcSettings
from harness.hmc.changes import LogEntry, LogKind, OsMessage, PropertyChange, Subject
from harness.hmc.jobs import Outcome, Work
from harness.hmc.notifications import STOMP_PORT, connection
from harness.hmc.operations import Console
from tests.contract import stomp_client
from tests.contract.hmc_listener import receiving
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until

pytestmark = pytest.mark.contract


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    stomp_client.mend(monkeypatch)
    with hmc_world(tmp_path, settings=HmcSettings(users={USER: PASSWORD}, job_seconds=0)) as world:
        yield world


def partition(session: zhmcclient.Session, name: str = "part-1") -> zhmcclient.Partition:
    [cpc] = zhmcclient.Client(session).cpcs.list()
    return cpc.partitions.find(name=name)


def topic(session: zhmcclient.Session, kind: str) -> str:
    return str(next(item["topic-name"] for item in session.get_notification_topics() if item["topic-type"] == kind))


def test_who_listens_to_a_sessions_objects_learns_what_was_changed(world: World) -> None:
    session = world.session()
    target = partition(session)
    with receiving(world, session.object_topic) as messages:
        target.update_properties({"description": "changed"})
        headers, body = messages.get(timeout=5)
        assert headers["notification-type"] == "property-change"
        assert headers["object-uri"] == target.uri
        assert headers["session-sequence-nr"] == "0"
        report = next(item for item in body["change-reports"] if item["property-name"] == "description")
        assert report["new-value"] == "changed"
    session.logoff()


def test_the_end_of_a_job_is_told_to_the_session_that_began_it(world: World) -> None:
    session, other = world.session(), world.session()
    idle = partition(session, "part-idle")
    other.logon()
    with receiving(world, topic(session, "job-notification"), topic(other, "job-notification")) as messages:
        job = idle.start(wait_for_completion=False)
        headers, body = messages.get(timeout=5)
        assert (headers["notification-type"], headers["job-uri"], body) == ("job-completion", job.uri, None)
        assert headers["destination"].endswith(session.job_topic)
        assert job.check_for_completion()[0] == "complete"
        assert messages.empty()
    session.logoff()
    other.logoff()


def test_the_end_of_a_job_that_crashes_is_told_and_so_is_the_crash(world: World) -> None:
    session = world.session()
    session.logon()

    def broken() -> None:
        raise ZeroDivisionError("in a job")

    def begin(console: Console) -> str:
        work = Work(outcome=Outcome(), finish=broken, undo=lambda: None, cancellable=False, seconds=0.2)
        return console.jobs.start(USER, work, session.job_topic)

    with receiving(world, session.job_topic) as messages:
        uri = world.do(lambda: world.hmc.by_hand(begin))
        headers, _ = messages.get(timeout=5)
        assert (headers["notification-type"], headers["job-uri"]) == ("job-completion", uri)
        told = session.get(uri)
        assert (told["status"], told["job-status-code"]) == ("complete", 500)
    assert len(world.watcher.crashes) == 1
    assert "ZeroDivisionError: in a job" in world.watcher.crashes.pop()
    session.logoff()


def test_a_status_that_changes_is_told_with_its_states_between(world: World) -> None:
    session = world.session()
    idle = partition(session, "part-idle")
    with receiving(world, session.object_topic) as messages:
        idle.start(wait_for_completion=False)
        seen: list[str] = []
        while "active" not in seen:
            headers, body = messages.get(timeout=5)
            if headers["notification-type"] == "status-change":
                seen += [report["new-status"] for report in body["change-reports"]]
        assert seen == ["starting", "active"]
    session.logoff()


@pytest.mark.parametrize(
    ("kind", "log"), [("audit-notification", LogKind.AUDIT), ("security-notification", LogKind.SECURITY)]
)
def test_log_entries_come_on_the_topic_of_their_log(world: World, kind: str, log: LogKind) -> None:
    session = world.session()
    session.logon()
    with receiving(world, topic(session, kind)) as messages:
        world.do(lambda: world.hmc.changes.tell(LogEntry(log=log, entry={"event-message": "hi"})))
        headers, body = messages.get(timeout=5)
        assert (headers["notification-type"], body) == ("log-entry", {"log-entries": [{"event-message": "hi"}]})
    session.logoff()


def test_an_os_message_comes_on_the_channel_that_was_opened(world: World) -> None:
    session = world.session()
    target = partition(session)
    channel = target.open_os_message_channel()
    subject = Subject(uri=target.uri, kind="partition", name=target.name, is_element=False)
    with receiving(world, channel) as messages:
        world.do(
            lambda: world.hmc.changes.tell(OsMessage(subject=subject, topic=channel, message={"message-text": "boo"}))
        )
        headers, body = messages.get(timeout=5)
        assert (headers["notification-type"], headers["object-uri"]) == ("os-message", target.uri)
        assert body["os-messages"][0]["message-text"] == "boo"
    session.logoff()


def test_a_session_id_with_its_credential_may_listen(world: World) -> None:
    session = world.session()
    session.logon()
    with receiving(world, session.object_topic, userid=session.session_id, password=session.session_credential):
        pass  # it has subscribed, or `receiving` would not have come so far
    session.logoff()


def test_a_wrong_password_is_refused(world: World) -> None:
    receiver = world.receiver("agent.1", password="wrong")
    with pytest.raises(zhmcclient.NotificationConnectionError):
        receiver.connect()


def test_refused_logons_lock_a_user_out_of_notifications_too_and_are_told_to_who_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stomp_client.mend(monkeypatch)
    settings = HmcSettings(users={USER: PASSWORD, "watcher": "w"}, max_failed_logons=2)
    with hmc_world(tmp_path, settings=settings) as world:
        watcher = zhmcclient.Session(world.host, "watcher", "w", verify_cert=world.ca_file)
        watcher.logon()
        with receiving(world, topic(watcher, "security-notification"), userid="watcher", password="w") as messages:
            for password in ("wrong", "wrong", PASSWORD):
                with pytest.raises(zhmcclient.NotificationConnectionError):
                    world.receiver("agent.1", password=password).connect()
                _, body = messages.get(timeout=5)
                assert body["log-entries"][0]["event-message"] == f"logon refused: user {USER}"
            with pytest.raises(zhmcclient.ServerAuthError):
                world.session().logon()
        watcher.logoff()


def test_a_topic_that_is_not_there_is_an_error(world: World) -> None:
    receiver = world.receiver("nobody.7")
    with pytest.raises(zhmcclient.NotificationJMSError, match="no such topic"):
        next(receiver.notifications())
    until(lambda: not receiver.is_connected())
    receiver.close()


def test_the_auto_updater_follows_properties_status_and_inventory(world: World) -> None:
    session = world.session()
    target, idle = partition(session), partition(session, "part-idle")
    for resource in (target, idle):
        resource.enable_auto_update()
    target.nics.enable_auto_update()
    world.until_listening(session.object_topic)
    nic = target.nics.list()[0]
    nic.enable_auto_update()
    target.update_properties({"description": "by me"})
    world.do(lambda: world.hmc.remove_nic(target.name, nic.name))
    until(lambda: nic.ceased_existence)
    until(lambda: nic.name not in [item.name for item in target.nics.list()])
    world.do(lambda: world.hmc.add_nic(target.name, "new", "fa:16:3e:00:00:07", "dpm-host-1"))
    until(lambda: "new" in [item.name for item in target.nics.list()])
    idle.start(wait_for_completion=False)
    until(lambda: idle.get_property("status") == "active")
    for resource in (target, idle, target.nics):
        resource.disable_auto_update()
    session.logoff()


def stomp(world: World) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=world.ca_file)
    return context.wrap_socket(
        socket.create_connection((world.host, STOMP_PORT), timeout=10), server_hostname=world.host
    )


def connect_frame(heart_beat: str = "0,0") -> bytes:
    return f"CONNECT\naccept-version:1.1\nlogin:{USER}\npasscode:{PASSWORD}\nheart-beat:{heart_beat}\n\n\0".encode()


def read_all(client: ssl.SSLSocket) -> bytes:
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    return answer


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\0", b"\0", b"SEND\n\n\0", b"CONNECT\n\n\0", b"x" * 70000]
)
def test_who_speaks_no_stomp_is_told_so_and_hung_up_on(world: World, sent: bytes) -> None:
    with stomp(world) as client:
        client.sendall(sent)
        assert read_all(client).startswith(b"ERROR\n")


def test_heartbeats_are_sent_as_often_as_was_agreed(world: World) -> None:
    with stomp(world) as client:
        client.sendall(connect_frame("0,100"))
        answer = b""
        while answer.count(b"\n\n", answer.find(b"\0") + 1) == 0:
            answer += client.recv(65536)
        assert b"heart-beat:100,0\n" in answer


def test_a_client_that_breaks_its_promise_of_heartbeats_is_hung_up_on(world: World) -> None:
    with stomp(world) as client:
        client.sendall(connect_frame("100,0"))
        assert read_all(client).startswith(b"CONNECTED\n")  # and it ends, though we never hang up


def test_a_client_that_does_not_read_is_ended_and_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "PILE_LIMIT_BYTES", 65536)
    session = world.session()
    session.logon()
    name = session.object_topic
    subject = Subject(uri="/api/partitions/p", kind="partition", name="p", is_element=False)
    change = PropertyChange(subject=subject, properties={"description": (None, "x" * 20_000)})
    with stomp(world) as sleeper, receiving(world, name) as messages:
        sleeper.sendall(connect_frame() + f"SUBSCRIBE\nid:1\ndestination:/topic/{name}\n\n\0".encode())
        world.until_listening(name, 2)

        def ended() -> bool:
            world.do(lambda: world.hmc.changes.tell(change))
            messages.get(timeout=5)
            return world.do(lambda: world.hmc.notifications.connections) == 1

        until(ended, 60)
    assert "does not read" in caplog.text
    session.logoff()


def test_without_a_stomp_port_nobody_listens_there(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        world.wait(world.hmc.close())
        assert world.wait(world.hmc.start(world.host)) > 0
        assert world.hmc.stomp_port is None
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((world.host, STOMP_PORT), timeout=5)

"""Changes in the words of the API book's notifications, and on which topics they are told."""

from __future__ import annotations

import json

import pytest

from harness.hmc.changes import (
    Change,
    InventoryChange,
    JobCompletion,
    LogEntry,
    LogKind,
    OsMessage,
    PropertyChange,
    StatusChange,
    Subject,
)
from harness.hmc.notifications.access import addressees, topics_of
from harness.hmc.notifications.messages import notification_of

PARTITION = Subject(uri="/api/partitions/p", kind="partition", name="part-1", is_element=False)
NIC = Subject(uri="/api/partitions/p/nics/n", kind="nic", name="nic-1", is_element=True)


class Sessions:
    def may_connect(self, login: str, passcode: str) -> bool:
        return bool(login and passcode)

    def has_topic(self, name: str) -> bool:
        return bool(name)

    def learn_of(self, change: Change) -> list[str]:
        return ["me.1", "you.2"]


def test_an_object_is_told_by_its_own_uri_and_an_element_beside_its_owner() -> None:
    of_object = notification_of(InventoryChange(subject=PARTITION, added=True))
    assert of_object.headers == {
        "notification-type": "inventory-change",
        "class": "partition",
        "name": "part-1",
        "object-uri": "/api/partitions/p",
        "object-id": "p",
        "action": "add",
    }
    assert of_object.body == b""
    of_element = notification_of(InventoryChange(subject=NIC, added=False)).headers
    assert of_element["object-uri"] == "/api/partitions/p"
    assert of_element["element-uri"] == "/api/partitions/p/nics/n"
    assert (of_element["object-id"], of_element["element-id"], of_element["action"]) == ("p", "n", "remove")


def test_properties_and_status_are_told_as_reports_of_changes() -> None:
    properties = notification_of(PropertyChange(subject=NIC, properties={"vlan-id": (None, 7)}))
    assert properties.headers["notification-type"] == "property-change"
    assert json.loads(properties.body) == {
        "change-reports": [{"property-name": "vlan-id", "old-value": None, "new-value": 7}]
    }
    status = notification_of(StatusChange(subject=PARTITION, old="stopped", new="starting"))
    assert status.headers["notification-type"] == "status-change"
    assert json.loads(status.body) == {"change-reports": [{"old-status": "stopped", "new-status": "starting"}]}


def test_a_job_is_told_by_its_uri_with_no_body() -> None:
    told = notification_of(JobCompletion(uri="/api/jobs/7", topic="me.1job", status="complete"))
    assert (told.headers, told.body) == ({"notification-type": "job-completion", "job-uri": "/api/jobs/7"}, b"")


def test_logs_and_os_messages_carry_their_entry() -> None:
    log = notification_of(LogEntry(log=LogKind.AUDIT, entry={"event-id": "1"}))
    assert (log.headers["notification-type"], json.loads(log.body)) == (
        "log-entry",
        {"log-entries": [{"event-id": "1"}]},
    )
    message = notification_of(OsMessage(subject=PARTITION, topic="os.1", message={"message-text": "hi"}))
    assert message.headers["notification-type"] == "os-message"
    assert message.headers["object-uri"] == "/api/partitions/p"
    assert json.loads(message.body) == {"os-messages": [{"message-text": "hi"}]}


@pytest.mark.parametrize(
    ("change", "topics"),
    [
        (InventoryChange(subject=NIC, added=True), ["me.1", "you.2"]),
        (JobCompletion(uri="/api/jobs/7", topic="me.1job", status="complete"), ["me.1job"]),
        (LogEntry(log=LogKind.AUDIT, entry={}), ["me.1aud", "you.2aud"]),
        (LogEntry(log=LogKind.SECURITY, entry={}), ["me.1sec", "you.2sec"]),
        (OsMessage(subject=PARTITION, topic="os.1", message={}), ["os.1"]),
    ],
)
def test_each_kind_of_change_has_its_topics(change: Change, topics: list[str]) -> None:
    assert addressees(change, Sessions()) == topics


def test_a_session_has_four_topics() -> None:
    assert list(topics_of("me.1")) == ["me.1", "me.1job", "me.1aud", "me.1sec"]

"""A change in the words of the API book's "Notification message formats": headers (JMS properties) and body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import assert_never

from harness.hmc.changes import (
    Change,
    InventoryChange,
    JobCompletion,
    LogEntry,
    OsMessage,
    PropertyChange,
    StatusChange,
    Subject,
)

CONSOLE = {"class": "console", "object-uri": "/api/console"}


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification, before it has a topic, a subscription and a number."""

    headers: dict[str, str]
    body: bytes = b""


def notification_of(change: Change) -> Notification:
    """What clients are sent when this has happened."""
    match change:
        case InventoryChange(subject=subject, added=added):
            return _about(subject, "inventory-change", {"action": "add" if added else "remove"})
        case PropertyChange(subject=subject, properties=properties):
            reports = [
                {"property-name": name, "old-value": old, "new-value": new} for name, (old, new) in properties.items()
            ]
            return _about(subject, "property-change", {}, {"change-reports": reports})
        case StatusChange(subject=subject, old=old, new=new):
            report = {"old-status": old, "new-status": new}
            return _about(subject, "status-change", {}, {"change-reports": [report]})
        case JobCompletion(uri=uri):
            return Notification({"notification-type": "job-completion", "job-uri": uri})
        case LogEntry(entry=entry):
            return Notification({"notification-type": "log-entry", **CONSOLE}, _json({"log-entries": [dict(entry)]}))
        case OsMessage(subject=subject, message=message):
            return _about(subject, "os-message", {}, {"os-messages": [dict(message)]})
        case _:
            assert_never(change)


def _about(subject: Subject, what: str, more: dict[str, str], body: object = None) -> Notification:
    headers = {"notification-type": what, "class": subject.kind, "name": subject.name, **_place(subject), **more}
    return Notification(headers, b"" if body is None else _json(body))


def _place(subject: Subject) -> dict[str, str]:
    if not subject.is_element:
        return {"object-uri": subject.uri, "object-id": subject.uri.rpartition("/")[2]}
    owner = subject.uri.rsplit("/", 2)[0]
    return {
        "object-uri": owner,
        "object-id": owner.rpartition("/")[2],
        "element-uri": subject.uri,
        "element-id": subject.uri.rpartition("/")[2],
    }


def _json(body: object) -> bytes:
    return json.dumps(body).encode()

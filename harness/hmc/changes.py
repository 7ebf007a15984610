"""What happens in the HMC, told in-process as values: the seam between the model and whoever notifies clients.

Protocol, for those who subscribe (`MockHmc.changes.subscribe(callback)`):
1. The callback is called in the HMC's loop, once for each change, in the order in which things happened, after the
   request or job that caused it has had its whole effect on the model, and on the sessions of a user that it changed.
   It must not wait and must not change the model.
2. What it raises is a crash of the HMC (told to `HmcObserver.on_crash`); the other subscribers are told all the same.
3. Nothing is told of what was only rehearsed, of a request that was refused, or of how the inventory was loaded.
4. A change of a resource's ``status`` is told as one `StatusChange`; the other properties that changed together, as one
   `PropertyChange`.
5. Of what one request or job did, changes of properties are told before resources that come and go.
6. Consoles of the same CPCs are all told of changes of objects, and each one of its own jobs, logs and messages only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The resource that a change is about."""

    uri: str
    kind: str
    """Its ``class`` property: ``partition``, ``nic``, ..."""
    name: str
    """Empty where it has none."""
    is_element: bool
    """It is part of another object: a notification gives it as element-uri, with its object's URI beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryChange:
    """A resource came, or went."""

    subject: Subject
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """Properties changed: old and new value by name; None for one that was not there or is there no more."""

    subject: Subject
    properties: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A resource's status changed."""

    subject: Subject
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCompletion:
    """A job ended: it is complete or canceled."""

    uri: str
    topic: str
    """The job topic of the session that began it; only this one is notified."""
    status: str
    """``complete`` or ``canceled``."""
    console: int = 1
    """At which of the consoles of the same CPCs; the first is 1."""


class LogKind(StrEnum):
    """The console's logs."""

    AUDIT = "audit"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line was added to one of the console's logs; `entry` is in the words of Get Console Audit Log."""

    log: LogKind
    entry: Mapping[str, object]
    console: int = 1
    """Whose log, as in `JobCompletion`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OsMessage:
    """An operating system wrote to its console; `message` is in the words of List OS Messages."""

    subject: Subject
    topic: str
    """Of Open OS Message Channel: each channel has its own."""
    message: Mapping[str, object]
    console: int = 1
    """At which the channel was opened, as in `JobCompletion`."""


ObjectChange = InventoryChange | PropertyChange | StatusChange
Change = ObjectChange | JobCompletion | LogEntry | OsMessage
Callback = Callable[[Change], None]


def at_console(number: int, tell: Callback) -> Callback:
    """What tells of changes at this console, each as its own if it is one of a console's."""
    return lambda change: tell(change if isinstance(change, ObjectChange) else replace(change, console=number))


def is_told_at(console: int, change: Change) -> bool:
    """Whether a console tells of a change."""
    return isinstance(change, ObjectChange) or change.console == console


class Changes:
    """Hands each change to all who subscribed; `crashed` is told what one of them raises."""

    def __init__(self, crashed: Callable[[BaseException], None]) -> None:
        self._crashed = crashed
        self._callbacks: dict[object, Callback] = {}

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Call this with every change from now on; calling what is returned ends it, also from within a callback."""
        subscription = object()  # the same callback may subscribe twice
        self._callbacks[subscription] = callback

        def end() -> None:
            self._callbacks.pop(subscription, None)

        return end

    def tell(self, change: Change) -> None:
        """A change happened."""
        for callback in list(self._callbacks.values()):
            try:
                callback(change)
            except Exception as error:  # noqa: BLE001 - told as a crash; the others are told all the same
                self._crashed(error)

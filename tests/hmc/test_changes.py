"""The hub that hands on what happens in the HMC."""

import asyncio

import pytest

from harness.hmc import HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.changes import (
    Change,
    Changes,
    InventoryChange,
    JobCompletion,
    LogEntry,
    LogKind,
    OsMessage,
    PropertyChange,
    Subject,
    at_console,
    is_told_at,
)

ENDED = JobCompletion(uri="/api/jobs/1", topic="t", status="complete")


def test_every_subscriber_is_told_until_it_ends() -> None:
    first: list[Change] = []
    second: list[Change] = []
    changes = Changes(crashed=print)
    end = changes.subscribe(first.append)
    changes.subscribe(second.append)
    changes.tell(ENDED)
    end()
    end()
    changes.tell(ENDED)
    assert (len(first), len(second)) == (1, 2)


def test_who_subscribes_twice_ends_one_of_both() -> None:
    told: list[Change] = []
    changes = Changes(crashed=print)
    end = changes.subscribe(told.append)
    changes.subscribe(told.append)
    end()
    end()
    changes.tell(ENDED)
    assert told == [ENDED]


def test_what_happens_to_an_object_is_told_at_every_console_and_all_else_at_its_own() -> None:
    told: list[Change] = []
    subject = Subject(uri="/api/partitions/p", kind="partition", name="p", is_element=False)
    tell = at_console(2, told.append)
    tell(InventoryChange(subject=subject, added=True))
    tell(ENDED)
    tell(LogEntry(log=LogKind.AUDIT, entry={}))
    tell(OsMessage(subject=subject, topic="t", message={}))
    assert [is_told_at(2, change) for change in told] == [True] * 4
    assert [is_told_at(1, change) for change in told] == [True, False, False, False]


def test_one_that_raises_is_a_crash_and_the_others_are_told() -> None:
    crashes: list[BaseException] = []
    told: list[Change] = []
    changes = Changes(crashed=crashes.append)

    def bad(change: Change) -> None:
        raise ValueError("bad")

    changes.subscribe(bad)
    changes.subscribe(told.append)
    changes.tell(ENDED)
    assert told == [ENDED]
    assert [str(error) for error in crashes] == ["bad"]


class Crashes(NullObserver):
    """Keeps them."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_crash(self, component: str, error: str) -> None:
        self.seen.append(error)


def test_to_be_told_changes_no_session_and_who_is_told_finds_them_changed(two_nics: Inventory) -> None:
    async def play() -> None:
        hmc = MockHmc(two_nics, HmcSettings(users={}), NullObserver(), ThrowawayCa())
        console = hmc.by_hand(lambda console: console)
        with console.model.transaction():
            eve = console.model.console.users.add({"name": "eve", "password": "pw", "type": "standard"})
        session = console.sessions.logon("eve", "pw")
        hmc.by_hand(lambda _: None)
        found: list[str] = []
        hmc.changes.subscribe(lambda _: found.append(session.user))
        with console.model.transaction():
            eve.properties["name"] = "eva"
        subject = Subject(uri=eve.uri, kind="user", name="eve", is_element=False)
        hmc.changes.tell(PropertyChange(subject=subject, properties={"name": ("eve", "eva")}))
        assert found == ["eve"]
        hmc.by_hand(lambda _: None)
        assert found == ["eve", "eva"]
        await hmc.close()

    asyncio.run(play())


def test_a_change_of_a_user_is_told_although_his_sessions_crash(
    two_nics: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes = Crashes()
    hmc = MockHmc(two_nics, HmcSettings(users={}), crashes, ThrowawayCa())
    told: list[Change] = []
    hmc.changes.subscribe(told.append)
    console = hmc.by_hand(lambda console: console)
    monkeypatch.setattr(console.sessions, "user_changed", lambda _: 1 / 0)
    with console.model.transaction():
        console.model.console.users.add({"name": "eve", "password": "pw", "type": "standard"})
    hmc.by_hand(lambda _: None)
    assert [change.subject.kind for change in told if isinstance(change, InventoryChange)] == ["user"]
    assert [error.splitlines()[-1] for error in crashes.seen] == ["ZeroDivisionError: division by zero"]

"""The hub that hands on what happens in the HMC."""

from harness.hmc.changes import (
    Change,
    Changes,
    InventoryChange,
    JobCompletion,
    LogEntry,
    LogKind,
    OsMessage,
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

"""The hub that hands on what happens in the HMC."""

from harness.hmc.changes import Change, Changes, JobCompletion

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

"""The life of a job, on a clock that stands still."""

from collections.abc import Callable

import pytest

from harness.hmc.changes import Change, JobCompletion
from harness.hmc.errors import HmcError
from harness.hmc.ids import Ids
from harness.hmc.jobs import CRASHED, Jobs, Outcome, Work
from tests.hmc.conftest import Told


class Done(list[str]):
    """What jobs did to the model."""

    def work(self, name: str, *, seconds: float = 10, cancellable: bool = True, outcome: Outcome | None = None) -> Work:
        return Work(
            outcome=outcome or Outcome(),
            finish=lambda: self.append(f"{name} finished"),
            undo=lambda: self.append(f"{name} undone"),
            cancellable=cancellable,
            seconds=seconds,
        )


@pytest.fixture
def jobs(told: Told) -> Jobs:
    return Jobs(now=told.now, ids=Ids(3))


@pytest.fixture
def done() -> Done:
    return Done()


def refusal(act: Callable[[str, str], object], uri: str, owner: str = "agent") -> tuple[int, int]:
    with pytest.raises(HmcError) as caught:
        act(uri, owner)
    return caught.value.status, caught.value.reason


def test_a_job_runs_for_its_seconds_then_completes_once(jobs: Jobs, told: Told, done: Done) -> None:
    uri = jobs.start("agent", done.work("a"))
    told.now_s += 9.9
    assert jobs.query(uri, "agent") == {"status": "running"}
    assert done == []
    told.now_s += 0.1
    assert jobs.query(uri, "agent") == {"status": "complete", "job-status-code": 200}
    jobs.settle()
    assert done == ["a finished"]


def test_a_failed_job_tells_reason_and_results(jobs: Jobs, told: Told, done: Done) -> None:
    outcome = Outcome(status=500, reason=263, results={"message": "no"})
    uri = jobs.start("agent", done.work("a", seconds=0, outcome=outcome))
    assert jobs.query(uri, "agent") == {
        "status": "complete",
        "job-status-code": 500,
        "job-reason-code": 263,
        "job-results": {"message": "no"},
    }


def test_jobs_end_in_the_order_in_which_they_are_due(jobs: Jobs, told: Told, done: Done) -> None:
    jobs.start("agent", done.work("late", seconds=8))
    jobs.start("agent", done.work("early", seconds=2))
    told.now_s += 60
    jobs.settle()
    assert done == ["early finished", "late finished"]


def test_a_cancel_is_pending_for_half_of_what_was_left_then_undoes(jobs: Jobs, told: Told, done: Done) -> None:
    uri = jobs.start("agent", done.work("a", seconds=10))
    jobs.cancel(uri, "agent")
    assert jobs.query(uri, "agent") == {"status": "cancel-pending"}
    assert refusal(jobs.cancel, uri) == (409, 42)
    told.now_s += 5
    assert jobs.query(uri, "agent") == {"status": "canceled"}
    assert refusal(jobs.cancel, uri) == (409, 41)
    assert done == ["a undone"]


def test_a_job_that_cannot_be_cancelled_says_404_4(jobs: Jobs, done: Done) -> None:
    assert refusal(jobs.cancel, jobs.start("agent", done.work("a", cancellable=False))) == (404, 4)


def test_only_an_ended_job_can_be_deleted_and_then_it_is_unknown(jobs: Jobs, told: Told, done: Done) -> None:
    uri = jobs.start("agent", done.work("a"))
    assert refusal(jobs.delete, uri) == (409, 40)
    told.now_s += 10
    jobs.delete(uri, "agent")
    for act in (jobs.query, jobs.cancel, jobs.delete):
        assert refusal(act, uri) == (404, 1)


def test_a_job_is_unknown_to_other_users(jobs: Jobs, done: Done) -> None:
    uri = jobs.start("agent", done.work("a"))
    for act in (jobs.query, jobs.cancel, jobs.delete):
        assert refusal(act, uri, "other") == (404, 1)


def test_a_result_that_nobody_deletes_is_forgotten(told: Told, done: Done) -> None:
    jobs = Jobs(now=told.now, ids=Ids(3), keep_s=100)
    uri = jobs.start("agent", done.work("a"))
    told.now_s += 109
    assert jobs.query(uri, "agent")["status"] == "complete"
    told.now_s += 100
    assert refusal(jobs.query, uri) == (404, 1)


def test_each_end_is_told_once_and_somebody_is_woken_for_it(told: Told, done: Done) -> None:
    ends: list[Change] = []
    naps: list[float] = []
    jobs = Jobs(now=told.now, ids=Ids(3), tell=ends.append, wake=naps.append)
    first = jobs.start("agent", done.work("a", seconds=4), "topic")
    second = jobs.start("agent", done.work("b", seconds=8), "topic")
    jobs.cancel(second, "agent")
    assert naps == [4, 8, 4]
    told.now_s += 60
    jobs.settle()
    jobs.settle()
    assert ends == [
        JobCompletion(uri=first, topic="topic", status="complete"),
        JobCompletion(uri=second, topic="topic", status="canceled"),
    ]


def test_what_a_job_runs_on_takes_no_second_one_until_its_end(jobs: Jobs, told: Told, done: Done) -> None:
    first = jobs.start("agent", done.work("a"), target="/api/partitions/1")
    jobs.start("other", done.work("b"), target="/api/partitions/2")
    jobs.start("other", done.work("c"))
    with pytest.raises(HmcError, match="/api/partitions/1 is busy") as caught:
        jobs.start("other", done.work("d"), target="/api/partitions/1")
    assert (caught.value.status, caught.value.reason) == (409, 2)
    jobs.cancel(first, "agent")
    with pytest.raises(HmcError, match="busy"):
        jobs.start("agent", done.work("d"), target="/api/partitions/1")
    told.now_s += 5
    jobs.settle()
    jobs.start("agent", done.work("e"), target="/api/partitions/1")
    jobs.forget_all()
    jobs.start("agent", done.work("f"), target="/api/partitions/1")
    assert done == ["a undone", "b finished", "c finished", "e finished"]


def test_a_console_that_forgets_its_jobs_finishes_what_they_did_and_tells_nobody(told: Told, done: Done) -> None:
    """What a job does to a CPC is done there; who could tell of it has forgotten it."""
    ends: list[Change] = []
    jobs = Jobs(now=told.now, ids=Ids(3), tell=ends.append)
    uris = [jobs.start("agent", done.work(name), "topic") for name in ("a", "b")]
    jobs.cancel(uris[1], "agent")
    jobs.forget_all()
    assert done == ["a finished", "b undone"]
    assert [refusal(jobs.query, uri) for uri in uris] == [(404, 1), (404, 1)]
    told.now_s += 60
    jobs.settle()
    assert done == ["a finished", "b undone"]
    assert ends == []


def broken() -> None:
    raise ZeroDivisionError("in a job")


def fragile(done: Done, *, undo: Callable[[], object] | None = None) -> Work:
    return Work(
        outcome=Outcome(status=201, results={"all": "well"}),
        finish=broken,
        undo=undo or (lambda: done.append("undone")),
        cancellable=True,
        seconds=10,
    )


def test_a_job_whose_end_raises_is_undone_ends_with_a_500_and_is_told_and_others_go_on(told: Told, done: Done) -> None:
    ends: list[Change] = []
    crashes: list[Exception] = []
    jobs = Jobs(now=told.now, ids=Ids(3), tell=ends.append, crashed=crashes.append)
    bad, good = jobs.start("agent", fragile(done), "topic", "/api/cpcs/1"), jobs.start("agent", done.work("b"), "topic")
    told.now_s += 10
    jobs.settle()
    assert jobs.query(bad, "agent") == {
        "status": "complete",
        "job-status-code": 500,
        "job-reason-code": 0,
        "job-results": CRASHED.results,
    }
    assert done == ["undone", "b finished"]
    assert ends == [JobCompletion(uri=uri, topic="topic", status="complete") for uri in (bad, good)]
    assert [type(crash) for crash in crashes] == [ZeroDivisionError]
    jobs.start("agent", done.work("c"), target="/api/cpcs/1")


def test_a_cancel_that_cannot_be_undone_ends_with_a_500_too(told: Told, done: Done) -> None:
    crashes: list[Exception] = []
    jobs = Jobs(now=told.now, ids=Ids(3), crashed=crashes.append)
    uri = jobs.start("agent", fragile(done, undo=broken))
    jobs.cancel(uri, "agent")
    told.now_s += 10
    assert (jobs.query(uri, "agent")["status"], jobs.query(uri, "agent")["job-status-code"]) == ("complete", 500)
    assert len(crashes) == 1


def test_a_console_that_forgets_its_jobs_goes_on_after_one_that_raises(told: Told, done: Done) -> None:
    crashes: list[Exception] = []
    jobs = Jobs(now=told.now, ids=Ids(3), crashed=crashes.append)
    jobs.start("agent", fragile(done, undo=broken))
    jobs.start("agent", done.work("b"))
    jobs.forget_all()
    assert done == ["b finished"]
    assert len(crashes) == 2  # neither its end nor that it be undone


def test_nobody_overlooks_a_crash_who_says_nothing_of_them(jobs: Jobs, told: Told, done: Done) -> None:
    jobs.start("agent", fragile(done))
    told.now_s += 10
    with pytest.raises(ZeroDivisionError):
        jobs.settle()


def test_what_a_jobs_end_finds_out_is_its_outcome(jobs: Jobs, told: Told) -> None:
    found = Outcome(status=404, reason=1)
    work = Work(outcome=Outcome(), finish=lambda: found, undo=lambda: None, cancellable=False, seconds=10)
    uri = jobs.start("agent", work)
    told.now_s += 10
    assert jobs.query(uri, "agent") == {"status": "complete", "job-status-code": 404, "job-reason-code": 1}


def test_when_all_timers_were_thrown_away_there_are_new_ones_for_what_runs(told: Told, done: Done) -> None:
    wakes: list[float] = []
    jobs = Jobs(now=told.now, ids=Ids(3), wake=wakes.append)
    jobs.start("agent", done.work("short", seconds=1))
    jobs.start("agent", done.work("long", seconds=10))
    told.now_s += 2
    jobs.settle()
    wakes.clear()
    jobs.wake_again()
    assert wakes == [8.0]

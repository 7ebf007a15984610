"""A running agent only reads."""

from __future__ import annotations

import pytest

from harness.checks.only_reads import OnlyReads
from tests.playbook import FAIL, OTHER, PASS, UNKNOWN, asked, at, found, healthy, request, started, story, watched

CHECK = OnlyReads()


def test_reads_pass() -> None:
    history = story(at(0.0, started()), at(1.0, request("GET /api/cpcs"), request("HEAD /api/cpcs")), watched())
    assert found(CHECK, history) == (PASS, "2 requests, all of them reads", None)


@pytest.mark.parametrize(
    "own", ["POST /api/sessions", "DELETE /api/sessions/this-session", "DELETE /api/sessions/this-session?x=1"]
)
def test_its_own_logon_and_logoff_are_no_writes(own: str) -> None:
    assert found(CHECK, story(healthy(), at(6.0, request(own))))[0] == PASS


@pytest.mark.parametrize(
    "write",
    [
        "POST /api/partitions/1/operations/start",
        "PUT /api/sessions",
        "DELETE /api/sessions/another",
        "POST /api/sessions/operations/get-notification-topics",
        "PATCH /api/cpcs/1",
        "DELETE /api/jobs/1",
    ],
)
def test_the_first_other_request_fails_answered_or_not(write: str) -> None:
    history = story(healthy(), at(6.0, asked(write)), at(7.0, asked("POST /api/later")))
    assert found(CHECK, history) == (FAIL, f"sent {write}", 6.0)


def test_a_write_that_the_hmc_refused_was_still_sent() -> None:
    assert found(CHECK, story(healthy(), at(6.0, request("POST /api/cpcs/1", status=403))))[0] == FAIL


def test_a_write_without_a_session_is_the_agents_unless_a_bystander_may_have_sent_it() -> None:
    history = story(healthy(), at(6.0, request("POST /api/cpcs/1", who="", status=403)))
    assert found(CHECK, history) == (FAIL, "sent POST /api/cpcs/1", 6.0)
    shared = story(history, at(5.5, started(OTHER, pid=7)))
    words = "POST /api/cpcs/1 came without a session: the agent's, or a bystander's"
    assert found(CHECK, shared) == (UNKNOWN, words, 6.0)
    assert found(CHECK, story(shared, at(7.0, request("POST /api/cpcs/2"))))[::2] == (FAIL, 7.0)


def test_writes_of_others_and_of_the_clearing_up_are_not_the_agents() -> None:
    write = "POST /api/partitions/1/operations/stop"
    history = story(healthy(), at(6.0, request(write, who=OTHER)), at(20.1, request(write)))
    assert found(CHECK, history)[0] == PASS


def test_without_a_request_of_the_agents_nothing_is_known() -> None:
    history = story(healthy(requests=False), at(6.0, request(who=OTHER)), at(20.1, request()))
    assert found(CHECK, history) == (UNKNOWN, "the agent sent no request at all", None)


def test_it_needs_no_time_of_its_own() -> None:
    assert CHECK.watch_until(story(healthy())) == 0.0

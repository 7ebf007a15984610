"""What is made of the events of one case, by hand-written events."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.core.events import (
    ComponentCrashed,
    ConnectionAttempt,
    Event,
    RequestArrived,
    StepFailed,
    Strayed,
    Touched,
)
from harness.fingerprint import CASES, Facts, as_json, as_text, differences_text
from harness.fingerprint.cases import CPC, TARGETS, Case, Does
from harness.fingerprint.facts import MANY_LOGONS, NO_END, facts_of
from harness.fingerprint.moments import FAULT, NOTES

LOOP = next(case for case in CASES if case.id == "redirect-loop/GET")
PAGE = next(case for case in CASES if case.id == "page-with-200/GET")
LOST = next(case for case in CASES if case.id == "lost_answer/POST")
CANCELED = next(case for case in CASES if case.id == "canceled_job/job")
ZERO = next(case for case in CASES if case.id == "read_timeout-0/logon")


def sent(t: float, does: Does = Does.GET) -> Event:
    method, path = TARGETS[does]
    return Touched(t=t, step=NOTES, what=f"{method} {path}: seen")


def arrived(t: float, does: Does) -> Event:
    method, path = TARGETS[does]
    return RequestArrived(t=t, request=1, method=method, path=path, who="agent")


def bit(t: float = 1.0) -> Event:
    return Touched(t=t, step=FAULT, what="it did something")


def facts(case: Case, *events: Event, outcome: str = "HTTPError", words: str = "") -> Facts:
    return facts_of(case, events, since=1.0, outcome=outcome, words=words, seconds=0.123)


def test_what_came_before_the_fault_does_not_count() -> None:
    found = facts(PAGE, ConnectionAttempt(t=0.5, connection="c", outcome="accepted"), sent(0.9), bit(), sent(1.5))
    assert (found.connections, found.requests, found.met, found.seconds) == (0, 1, True, 0.12)


def test_the_request_itself_is_told_from_logons_and_others() -> None:
    other = Touched(t=2.0, step=NOTES, what="GET /api/jobs/1: seen")
    found = facts(PAGE, sent(1.0), sent(1.5), sent(1.6, Does.LOGON), other, arrived(1.7, Does.GET))
    assert (found.requests, found.executed, found.logons, found.others) == (2, 1, 1, 1)
    assert found.spacing_s == (0.5,)


def test_the_spacing_of_connections_is_told_where_no_request_got_through() -> None:
    attempts = [ConnectionAttempt(t=t, connection="c", outcome="refused") for t in (1.0, 1.25, 2.25)]
    assert facts(PAGE, *attempts).spacing_s == (0.25, 1.0)


def test_a_fault_that_met_nothing_says_so_in_the_text() -> None:
    found = facts(PAGE, sent(1.5), outcome="returned dict")
    assert not found.met
    assert found.flags == (), "nothing is known, so nothing is blamed"
    assert "the fault met nothing" in as_text("x", [found])


@pytest.mark.parametrize(
    ("case", "events", "outcome", "flag"),
    [
        (PAGE, [bit()], "returned dict", "takes what is no answer for a result"),
        (PAGE, [bit()], NO_END, "does not end"),
        (LOST, [arrived(1.0, Does.POST), arrived(2.0, Does.POST)], "HTTPError", "carry out one POST 2 times"),
        (LOOP, [sent(1 + n / 9) for n in range(6)], "x", "follows 5 redirects, although it was told 3"),
        (PAGE, [sent(1, Does.LOGON) for _ in range(MANY_LOGONS + 1)], "RecursionError", "logs on 11 times"),
        (CANCELED, [bit()], "OperationTimeout", "polls a canceled job until the operation timeout"),
        (ZERO, [], "ValueError", "refuses this setting only when it connects"),
        (
            LOOP,
            [Strayed(t=1.0, where="another host", method="GET", path=CPC, secret="session id")],
            "x",
            "sends its session id to another host",
        ),
        (PAGE, [ComponentCrashed(t=1.0, component="mitmproxy", error="no")], "x", "UNKNOWN: mitmproxy: no"),
        (PAGE, [StepFailed(t=1.0, step=FAULT, phase="begin", error="no")], "x", "UNKNOWN: no"),
    ],
)
def test_what_is_worth_a_second_look_is_flagged(case: Case, events: list[Event], outcome: str, flag: str) -> None:
    assert any(flag in found for found in facts(case, *events, outcome=outcome).flags)


def test_a_request_that_changes_something_and_is_sent_again_is_told() -> None:
    assert facts(LOST, bit(), sent(1.0, Does.POST), sent(1.1, Does.POST)).notes == ("sends one POST 2 times",)
    assert facts(LOST, bit(), sent(1.0, Does.POST)).notes == ()
    assert facts(PAGE, bit(), sent(1.0), sent(1.1)).notes == (), "to read twice is no harm"


def test_a_client_that_does_well_is_not_blamed() -> None:
    events = [bit(), sent(1.1, Does.POST), arrived(1.1, Does.POST)]
    found = facts(LOST, *events, Strayed(t=1.2, where="another host", method="GET", path=CPC, secret=""))
    assert found.flags == ()
    assert "Worth a second look:\n  nothing" in as_text("x", [found])


def test_two_fingerprints_differ_in_what_the_client_did_and_not_in_its_seconds() -> None:
    one = facts(PAGE, bit(), sent(1.0))
    assert compared([one], [replace(one, seconds=9.0, words="other")]) == "a 1 -> b 2\n  nothing changed"
    told = compared([one, facts(LOOP)], [replace(one, outcome="ParseError", requests=2)])
    assert told.splitlines()[1:] == [
        "  page-with-200/GET: outcome: HTTPError -> ParseError",
        "  page-with-200/GET: requests: 1 -> 2",
        "  redirect-loop/GET: only in the old one",
    ]


def compared(old: list[Facts], new: list[Facts]) -> str:
    return differences_text(json.loads(as_json("a 1", old)), json.loads(as_json("b 2", new)))


def test_the_catalogue_has_each_case_once_and_each_operation() -> None:
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids) >= 100
    assert {case.does for case in CASES} == set(Does)

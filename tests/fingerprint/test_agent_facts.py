"""What is made of an agent's trial, by hand-written events."""

from __future__ import annotations

import pytest

from harness.checks.exits import Exits
from harness.checks.recovers import Recovers
from harness.core.events import (
    AGENT,
    ComponentCrashed,
    ConnectionAttempt,
    Event,
    Heartbeat,
    LogLine,
    ProcessExited,
    ProcessStarted,
    RequestAnswered,
    RequestArrived,
    StepBegan,
    StepHealed,
    Strayed,
    TimelineBegan,
    Touched,
    WatchEnded,
)
from harness.core.history import History
from harness.core.profile import Kind
from harness.core.verdict import Expectation, judge
from harness.fingerprint.agent_cases import AgentCase, Phase, agent_cases
from harness.fingerprint.agent_facts import RUNS, agent_facts
from harness.fingerprint.facts import MANY_LOGONS, Facts
from harness.fingerprint.moments import NOTES

SERVICE = {case.id: case for case in agent_cases(Kind.SERVICE)}
HANG, LIE = SERVICE["hang/running"], SERVICE["page-with-200/start"]
NIC = "/api/partitions/1/nics"


def sent(t: float, method: str = "GET", path: str = "/api/cpcs") -> Event:
    return Touched(t=t, step=NOTES, what=f"{method} {path}: seen")


def arrived(t: float, method: str = "GET", path: str = "/api/cpcs", number: int = 1) -> Event:
    return RequestArrived(t=t, request=number, method=method, path=path, who=AGENT)


def said(t: float, text: str) -> Event:
    return LogLine(t=t, who=AGENT, stream="stderr", level="error", text=text)


def knocks(t: float) -> Event:
    return ConnectionAttempt(t=t, connection="c", outcome="refused")


def gone(t: float, status: int) -> Event:
    return ProcessExited(t=t, who=AGENT, status=status, asked=False)


BIT: Event = Touched(t=2.5, step=1, what="it did something")


def facts(case: AgentCase, *events: Event, begin: float = 2.0, heal: float = 6.0) -> Facts:
    """Of a trial in which this happened besides a fault's begin and healing."""
    is_running = case.phase is Phase.RUNNING
    story: list[Event] = [
        ProcessStarted(t=1.0, who=AGENT, pid=7),
        TimelineBegan(t=0.5 if not is_running else begin),
        StepBegan(t=begin if is_running else 0.5, step=1, what="x", engine="relay", fault=True, due=0.0),
        *([StepHealed(t=heal, step=1, due=heal)] if is_running else []),
        *events,
        WatchEnded(t=9.0, reason="over"),
    ]
    history = History.of(sorted(story, key=lambda e: e.t))
    check = Expectation("recovers", Recovers(within=3.0)) if is_running else Expectation("exits", Exits(within=5.0))
    return agent_facts(case, history, judge((check,), history, needs_witness=[1]))


def test_only_what_happened_under_the_fault_counts() -> None:
    found = facts(HANG, knocks(1.5), sent(1.6), BIT, knocks(3.0), knocks(4.0), sent(3.5), arrived(3.6), sent(6.5))
    assert (found.connections, found.requests, found.executed, found.spacing_s) == (2, 1, 1, (1.0,))
    assert (found.outcome, found.seconds, found.met) == (RUNS, 4.0, True)


def test_a_fault_that_met_nothing_says_so_and_noted_requests_are_no_witness() -> None:
    found = facts(HANG, sent(3.0), arrived(3.0, "POST", NIC), sent(3.1, "POST", NIC), sent(3.2, "POST", NIC))
    assert not found.met
    assert found.notes == (), "nothing is known, so nothing is told of what it did"


def test_logons_are_told_from_requests() -> None:
    found = facts(HANG, BIT, sent(3.0, "POST", "/api/sessions"), sent(3.1), sent(3.2, "POST", NIC))
    assert (found.logons, found.requests, found.others) == (1, 2, 1)


def test_an_agent_that_ends_is_told_with_its_status_its_time_and_its_last_words() -> None:
    found = facts(LIE, BIT, said(3.0, "ERROR no HMC"), said(3.1, "  "), gone(3.5, 1))
    assert (found.outcome, found.seconds, found.words, found.flags) == ("exit status 1", 2.5, "ERROR no HMC", ())
    assert facts(LIE, BIT, gone(3.5, -11)).outcome == "signal 11"


@pytest.mark.parametrize(
    ("case", "events", "flag"),
    [
        (HANG, [BIT, gone(3.0, 1)], "is gone: exit status 1"),
        (LIE, [BIT, gone(3.0, 0)], "ends with success, although it got no answer"),
        (HANG, [BIT, arrived(3.0, "POST", NIC), arrived(4.0, "POST", NIC)], f"carry out POST {NIC} 2 times"),
        (HANG, [BIT, *(sent(3.0, "POST", "/api/sessions") for _ in range(MANY_LOGONS + 1))], "logs on 11 times"),
        (
            HANG,
            [BIT, Strayed(t=3.0, where="another host", method="GET", path="/", secret="session id")],
            "sends its session id to another host",
        ),
        (HANG, [BIT, said(3.0, "logged on with <secret:password>")], "prints its password"),
        (LIE, [BIT, said(3.0, "Traceback (most recent call last):"), gone(3.1, 1)], "ends with a traceback"),
        (HANG, [BIT, ComponentCrashed(t=3.0, component="mitmproxy", error="no")], "UNKNOWN: mitmproxy: no"),
    ],
)
def test_what_is_worth_a_second_look_is_flagged(case: AgentCase, events: list[Event], flag: str) -> None:
    assert any(flag in found for found in facts(case, *events).flags)


def test_an_agent_that_does_well_is_not_blamed_and_its_return_is_told() -> None:
    back = [arrived(6.25, number=9), RequestAnswered(t=7.5, request=9, status=200, reason=-1, seconds=0.1)]
    found = facts(HANG, BIT, arrived(3.0, "POST", NIC), arrived(3.1), arrived(3.2), *back)
    assert found.flags == ()
    assert found.notes == ("back 1.5 s after the healing",)


def test_a_request_that_changes_something_and_is_sent_again_is_told() -> None:
    found = facts(HANG, BIT, sent(3.0, "POST", NIC), sent(3.5, "POST", NIC), sent(3.6), sent(3.7))
    assert f"sends POST {NIC} 2 times" in found.notes
    assert not [note for note in found.notes if "GET" in note]


def test_tracebacks_of_an_agent_that_lives_on_are_told() -> None:
    trace = [said(3.0 + n, "Traceback (most recent call last):") for n in range(3)]
    assert "prints 3 tracebacks" in facts(HANG, BIT, *trace).notes
    assert "prints a traceback" in facts(HANG, BIT, trace[0]).notes


def test_who_is_back_at_once_is_told_of_no_further_and_who_is_not_back_is() -> None:
    back = [arrived(6.25, number=9), RequestAnswered(t=6.5, request=9, status=200, reason=-1, seconds=0.1)]
    assert facts(HANG, BIT, *back).notes == ()
    assert facts(HANG, BIT).notes == ("no successful request within 3.0 s of the healing",)


@pytest.mark.parametrize(("beats", "told"), [([2.0, 4.5, 6.0, 8.0], "2.5 s"), ([2.0, 3.0], "6.0 s")])
def test_silence_is_told_also_where_it_lasts_to_the_end(beats: list[float], told: str) -> None:
    found = facts(HANG, BIT, *(Heartbeat(t=t, source="x") for t in beats))
    assert f"no heartbeat for {told}" in found.notes

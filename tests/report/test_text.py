"""The trial as text: each row shows what the history holds, in the right column."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.events import (
    ConnectionAttempt,
    Event,
    Heartbeat,
    LogLine,
    NicChanged,
    NotificationSent,
    PortsSampled,
    ProcessExited,
    ProcessStarted,
    RequestArrived,
    StepBegan,
    StepHealed,
    TimelineBegan,
    Touched,
    WarpBurden,
    WarpUsed,
    WatchEnded,
)
from harness.core.history import History
from harness.core.verdict import Finding, Outcome, Verdict
from harness.report.text import COLUMNS, NAME_WIDTH, clock_text, last_lines, picture, render


def row(events: Sequence[Event], name: str) -> str:
    """The cells of the row of this name, for a trial of 64 seconds: a column a second."""
    history = History.of([*events, WatchEnded(t=float(COLUMNS), reason="")])
    found = [line[2 + NAME_WIDTH :] for line in picture(history) if line.startswith(f"  {name} ")]
    assert len(found) == 1, picture(history)
    return found[0]


def began(step: int, t: float) -> StepBegan:
    return StepBegan(t=t, step=step, what="hang", engine="relay", fault=True, due=t)


def test_a_fault_is_a_band_with_its_touches() -> None:
    cells = row([began(1, 10.0), Touched(t=12.5, step=1, what="x"), StepHealed(t=20.0, step=1, due=20.0)], "hang")
    assert cells == "." * 10 + "##*########" + "." * 43


def test_a_fault_that_is_not_healed_lasts_to_the_end() -> None:
    assert row([began(1, 60.0)], "hang") == "." * 60 + "####"


def test_the_agent_s_life_ends_with_a_cross() -> None:
    events = [ProcessStarted(t=1.0, who="agent", pid=1), ProcessExited(t=3.5, who="agent", status=1, asked=False)]
    assert row(events, "agent") == "_==X" + "_" * 60


def test_heartbeats_are_marks() -> None:
    assert row([Heartbeat(t=1.0, source="x"), Heartbeat(t=3.0, source="x")], "heartbeat") == " | |"


def test_a_port_shows_its_status_small_while_its_nic_is_not_there() -> None:
    events: list[Event] = [
        NicChanged(t=0.0, port="nic-1", present=True),
        PortsSampled(t=0.5, status={"nic-1": "ACTIVE"}),
        NicChanged(t=1.0, port="nic-1", present=False),
        PortsSampled(t=1.5, status={"nic-1": "ACTIVE"}),
        PortsSampled(t=2.5, status={"nic-1": "DOWN"}),
        PortsSampled(t=3.5, status={}),
    ]
    assert row(events, "nic-1") == "Aad-"


def test_requests_are_counted_and_those_of_others_apart() -> None:
    def asks(t: float, who: str) -> RequestArrived:
        return RequestArrived(t=t, request=1, method="GET", path="/", who=who)

    events = [asks(0.1, "agent"), asks(0.2, "agent"), asks(0.5, "zhmc"), *(asks(2.0, "agent") for _ in range(12))]
    assert row(events, "requests")[:4] == "2.9."
    assert row(events, "by others")[:4] == "1..."


def test_notifications_to_the_agent_are_counted() -> None:
    def sent(t: float, who: str) -> NotificationSent:
        return NotificationSent(t=t, who=who, listener="l", topic="t", kind="status-change", about="p", number=0)

    assert row([sent(0.1, "agent"), sent(2.0, "agent"), sent(1.0, "zhmc")], "notified")[:4] == "1.1."


def test_connects_that_failed_are_counted() -> None:
    events = [ConnectionAttempt(t=1.0, connection=f"c{n}", outcome=o) for n, o in enumerate(["refused", "accepted"])]
    assert row(events, "not connected")[:3] == ".1."


def test_the_worst_level_of_a_slice_is_shown() -> None:
    events = [
        LogLine(t=1.0, who="agent", stream="stderr", level=level, text="") for level in ("info", "error", "warning")
    ]
    assert row(events, "log") == " E"


def test_times_count_from_the_timeline_s_zero() -> None:
    assert row([TimelineBegan(t=16.0)], "time").split() == ["-16.0s", "+0.0s", "+16.0s", "+32.0s"]


def test_the_page_says_verdict_findings_and_last_lines() -> None:
    history = History.of(
        [
            ProcessStarted(t=0.0, who="agent", pid=1),
            TimelineBegan(t=1.0),
            LogLine(t=3.0, who="agent", stream="stderr", level="error", text="it is over"),
            WatchEnded(t=4.0, reason=""),
        ]
    )
    verdict = Verdict(Outcome.FAIL, (Finding("exits", Outcome.FAIL, "still running", 3.5),))
    page = render("x: a title", history, verdict)
    assert page.startswith("FAIL: the agent did not do what is demanded - x: a title\n")
    assert "FAIL    exits             still running  [+2.50 s]" in page
    assert "    +2.00 s  it is over" in page


def test_a_silent_agent_is_said_to_be_silent() -> None:
    assert last_lines(History.of([WatchEnded(t=1.0, reason="")])) == ["The agent printed nothing."]


def test_what_a_program_printed_has_no_power_over_the_terminal() -> None:
    """Neither to clear it and paint a verdict of its own, nor to begin a line."""
    forged = "\x1b[2K\rPASS\u2028\x85 gr\u00fc\u00df dich\tund \udc80"
    history = History.of([LogLine(t=1.0, who="agent", stream="stdout", level="", text=forged)])
    shown = r"\x1b[2K\rPASS\u2028\x85 grüß dich" + "\tund " + r"\udc80"
    assert last_lines(history)[1].endswith(shown)
    verdict = Verdict(Outcome.FAIL, (Finding("logs", Outcome.FAIL, forged),))
    assert render("x", history, verdict).split("\n")[1].endswith(shown)


def test_further_lines_of_a_finding_are_indented() -> None:
    verdict = Verdict(Outcome.UNKNOWN, (Finding("harness", Outcome.UNKNOWN, "it crashed\nPASS: all is well"),))
    assert f"\n{' ' * 28}PASS: all is well\n" in render("x", History(), verdict)


def test_a_clock_that_ran_fast_is_told_with_what_that_cost_and_what_came_before() -> None:
    used = WarpUsed(t=0.0, factor=30.0, why="for about 300 s", needs_s=300.0, earlier="x60 FAIL (exits: \x1b[2Kgone\n)")
    early = WarpBurden(t=1.0, cpu_share=0.5, cpu_s=9.0, waited_s=1.0, late_s=2.5)
    last = WarpBurden(t=2.0, cpu_share=0.25, cpu_s=12.0, waited_s=3.0, late_s=0.1, drift_s=0.0102, clocks=2)
    assert clock_text(History.of([used, early, last])) == [
        "  clock   x30, for about 300 s",
        "          its CPU time (25% of one) cost 12.0 s of its clock, waiting for a CPU 3.0 s; the harness was late "
        "by 2.5 s at most",
        "          clocks of 2 programs, each when it began: off the harness's by less than 11 ms",
        r"          before: x60 FAIL (exits: \x1b[2Kgone\n)",
    ]


def test_of_a_clock_that_nobody_asked_about_nothing_is_said() -> None:
    assert clock_text(History()) == []

"""A trial as text: verdict, findings, and what happened on one time axis.

Each row is a string of columns, a column a slice of time:

    time            0 s       5.0 s     10.0 s
    refuse_conn...  .....##########......        a fault in force, `*` where it touched traffic
    heartbeat       | | | | | | | | | |
    nic-1           AAAAAAAAAADDddddddAA         first letter of the port's status, small while its NIC is not there
    requests        412..........31              how many in this slice (9: nine or more)
    refused         ....31.1.1..                 connects that were refused or ignored
    log             ......W.........W            the worst level of this slice
    agent           ____================X        down, up, gone
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.core.events import (
    AGENT,
    Heartbeat,
    LogLine,
    NicChanged,
    NotificationSent,
    PortsSampled,
    RequestArrived,
    StepBegan,
    Touched,
    WarpBurden,
    WarpUsed,
)
from harness.core.history import History
from harness.core.verdict import Outcome, Verdict

COLUMNS = 64
NAME_WIDTH = 18
LAST_LINES = 8

_MEANING = {
    Outcome.PASS: "every expectation was met",
    Outcome.UNKNOWN: "nothing was proved",
    Outcome.FAIL: "the agent did not do what is demanded",
}


@dataclass(frozen=True, slots=True)
class _Axis:
    """Maps moments to columns."""

    begin: float
    end: float

    def column(self, t: float) -> int:
        """The column of a moment; moments beyond the axis fall into the outermost columns."""
        share = (t - self.begin) / max(self.end - self.begin, 1e-9)
        return min(COLUMNS - 1, max(0, int(share * COLUMNS)))


Paint = Callable[[str, Outcome], str]
"""Colours a text by an outcome."""


def _plain(text: str, _: Outcome) -> str:
    return text


def render(title: str, history: History, verdict: Verdict, paint: Paint = _plain) -> str:
    """The whole page, without the place of the artifacts, which the caller knows."""
    head = f"{paint(str(verdict.outcome), verdict.outcome)}: {_MEANING[verdict.outcome]} - {title}"
    findings = findings_text(history, verdict, paint)
    return "\n".join([head, *findings, *clock_text(history), "", *picture(history), "", *last_lines(history)])


def findings_text(history: History, verdict: Verdict, paint: Paint = _plain) -> list[str]:
    """One line a finding, worst first."""
    zero = history.zero or 0.0
    lines = []
    for finding in verdict.findings:
        when = "" if finding.t is None else f"  [{finding.t - zero:+.2f} s]"
        name = paint(f"{finding.outcome!s:<8}", finding.outcome)
        # Indented, so that no line of a traceback or of what an agent said can look like one of the page's own.
        words = f"\n{'':<28}".join(map(_visible, finding.words.split("\n")))
        lines.append(f"  {name}{finding.check:<17} {words}{when}")
    return lines


def _clocks(burden: WarpBurden) -> list[str]:
    if not burden.clocks:
        return []
    less_ms = max(1, math.ceil(burden.drift_s * 1000))
    return [
        f"          clocks of {burden.clocks} programs, each when it began: off the harness's by less than {less_ms} ms"
    ]


def clock_text(history: History) -> list[str]:
    """How fast the clocks ran, and what the machine made of it; nothing where nobody asked for that."""
    used, burden = history.first(WarpUsed), history.last(WarpBurden)
    if used is None:
        return []
    lines = [f"  clock   x{used.factor:g}, {_visible(used.why)}"]
    if burden is not None:
        late_s = max(e.late_s for e in history.all(WarpBurden))
        lines.append(
            f"          its CPU time ({burden.cpu_share:.0%} of one) cost {burden.cpu_s:.1f} s of its clock, waiting "
            f"for a CPU {burden.waited_s:.1f} s; the harness was late by {late_s:.1f} s at most"
        )
        lines += _clocks(burden)
    if used.earlier:
        lines.append(f"          before: {_visible(used.earlier)}")
    return lines


def picture(history: History) -> list[str]:
    """The rows of the time axis; times count from the timeline's zero."""
    begin = history.header.t if history.header else 0.0  # before it a trial may have waited for its turn on a Neutron
    axis = _Axis(begin, max(history.watched_until, begin + 1e-3))
    return [
        _row("time", _scale(axis, history.zero or 0.0)),
        _row("agent", _life(axis, history)),
        *(_row(e.what, _band(axis, history, e)) for e in history.all(StepBegan)),
        *_marks("heartbeat", axis, "|", (e.t for e in history.all(Heartbeat))),
        *_ports(axis, history),
        *_counts("requests", axis, (e.t for e in history.all(RequestArrived) if e.who in (AGENT, ""))),
        *_counts("by others", axis, (e.t for e in history.all(RequestArrived) if e.who not in (AGENT, ""))),
        *_counts("notified", axis, (e.t for e in history.all(NotificationSent) if e.who == AGENT)),
        *_counts("not connected", axis, (e.t for e in history.attempts() if e.outcome != "accepted")),
        *_log(axis, history),
    ]


def last_lines(history: History) -> list[str]:
    """What the agent said last."""
    zero = history.zero or 0.0
    lines = history.agent_log()[-LAST_LINES:]
    if not lines:
        return ["The agent printed nothing."]
    return ["The agent's last lines:", *(f"  {line.t - zero:+9.2f} s  {_visible(line.text[:300])}" for line in lines)]


def _visible(text: str) -> str:
    """What a program printed, without power over the terminal: it could paint a verdict of its own."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)


def _row(name: str, cells: str) -> str:
    short = name if len(name) < NAME_WIDTH else name[: NAME_WIDTH - 2] + "~"
    return f"  {short:<{NAME_WIDTH}}{cells}".rstrip()


def _scale(axis: _Axis, zero: float) -> str:
    cells = [" "] * (COLUMNS + 10)
    for column in range(0, COLUMNS, 16):
        t = axis.begin + (axis.end - axis.begin) * column / COLUMNS - zero
        text = f"{t:+.1f}s"
        cells[column : column + len(text)] = text
    return "".join(cells).rstrip()


def _life(axis: _Axis, history: History) -> str:
    started, gone = history.started(), history.exited()
    if started is None:
        return "_" * COLUMNS
    first, last = axis.column(started.t), axis.column(history.lived_until())
    cells = "_" * first + "=" * (last - first + 1)
    return (cells[:-1] + "X" if gone else cells).ljust(COLUMNS, "_" if gone else "=")


def _band(axis: _Axis, history: History, began: StepBegan) -> str:
    window = history.step(began.step)
    end = axis.end if window is None else min(window.end, axis.end)
    first, last = axis.column(began.t), axis.column(end)
    cells = ["."] * COLUMNS
    cells[first : last + 1] = "#" * (last - first + 1)
    for touch in history.all(Touched):
        if touch.step == began.step and touch.t <= axis.end:
            cells[axis.column(touch.t)] = "*"
    return "".join(cells)


def _marks(name: str, axis: _Axis, mark: str, times: Iterable[float]) -> list[str]:
    cells = [" "] * COLUMNS
    for t in (t for t in times if t <= axis.end):
        cells[axis.column(t)] = mark
    return [_row(name, "".join(cells))] if mark in cells else []


def _counts(name: str, axis: _Axis, times: Iterable[float]) -> list[str]:
    numbers = [0] * COLUMNS
    for t in (t for t in times if t <= axis.end):
        numbers[axis.column(t)] += 1
    return [_row(name, "".join(str(min(n, 9)) if n else "." for n in numbers))] if any(numbers) else []


def _ports(axis: _Axis, history: History) -> list[str]:
    samples = [e for e in history.all(PortsSampled) if e.t <= axis.end]
    names = sorted({name for e in samples for name in e.status} | {e.port for e in history.all(NicChanged)})
    rows = {name: [" "] * COLUMNS for name in names}
    for sample in samples:
        present, column = history.nics_present(sample.t), axis.column(sample.t)
        for name, cells in rows.items():
            status = sample.status.get(name, "")
            letter = status[:1] or "-"
            cells[column] = letter.lower() if not present.get(name, True) else letter
    return [_row(name, "".join(cells)) for name, cells in rows.items()]


_LEVELS = {"debug": "d", "info": "i", "warning": "W", "error": "E", "critical": "C", "": "."}


def _log(axis: _Axis, history: History) -> list[str]:
    order = " .diWEC"
    cells = [" "] * COLUMNS
    for line in history.agent_log():
        letter = _letter(line)
        column = axis.column(line.t)
        cells[column] = max(cells[column], letter, key=order.index)
    return [_row("log", "".join(cells))] if set(cells) != {" "} else []


def _letter(line: LogLine) -> str:
    return _LEVELS.get({"warn": "warning", "fatal": "critical"}.get(line.level, line.level), ".")

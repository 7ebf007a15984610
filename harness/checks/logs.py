"""RUN-3: the agent says that something happened, in time, and does not flood its log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from harness.core.commands import HmcCommand
from harness.core.events import LogLine
from harness.core.history import History
from harness.core.scenario import NO_HEALING, Step, faults_of, has_healing
from harness.core.values import Bounds, Says, Seconds, seconds_text
from harness.core.verdict import Finding, Late, Outcome

_LEVELS = ("debug", "info", "warning", "error", "critical")
_SAME = {"warn": "warning", "fatal": "critical", "notice": "info", "trace": "debug", "audit": "info"}


class Level(StrEnum):
    """Severity of a log line, as in Python's logging."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Of(StrEnum):
    """From when on a line counts."""

    FAULT = "fault"
    HEALING = "healing"
    CHANGE = "change"


LOSS = re.compile(
    r"^(?=.*\bhmc(?!_))(?!.*\bnot (yet )?lost\b)"
    r".*\b(los(t|es|ing|s)|away|gone|down|unreachable|unavailable|not (reached|available|answering)"
    r"|no (answer|connection|route)|cannot|can't|could not|fail(s|ed|ing|ure)?|refused|timed? ?out|reset|closed|dropped"
    r"|disconnect(s|ed)?)\b",
    re.IGNORECASE,
)
"""A line that names the HMC and tells, in some words, that it is lost."""

RETURN = re.compile(
    r"^(?=.*\bhmc(?!_))(?!.*\b(not|never|no|cannot|can't|unable|fail(s|ed|ing|ure)?|wait(s|ed|ing)?|until|till|yet)\b)"
    r".*\b(back(?![ -]?off)|returned|recovered|restored|re-?connected)\b",
    re.IGNORECASE,
)
"""A line that names the HMC and tells, in some words, that it is there again."""


def reaches(line: LogLine, level: Level) -> bool:
    """Whether a line is at least so severe."""
    name = _SAME.get(line.level, line.level)
    return name in _LEVELS and _LEVELS.index(name) >= _LEVELS.index(level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """A line at this level or above is logged within a time of the first fault, the last healing or the last change."""

    within: Annotated[Seconds, Says("how soon")]
    level: Annotated[Level, Says("the least severity")] = Level.WARNING
    of: Annotated[Of, Says("fault: the first one's begin; healing: the last one's end; change: the last one")] = (
        Of.FAULT
    )
    pattern: Annotated[
        re.Pattern[str] | None,
        Says("what the line has to say (regular expression); none: it names the HMC and tells of its loss or return"),
    ] = None

    def __post_init__(self) -> None:
        """Refuse a change of which nobody knows what is to be logged."""
        if self.of is Of.CHANGE and self.pattern is None:
            raise ValueError('of: change needs a pattern: what the line has to say of it, as in pattern: "part-1"')

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """Nothing to log."""
        if self.of is Of.HEALING:
            return None if has_healing(timeline) else NO_HEALING
        if self.of is Of.CHANGE:
            changes = [step for step in timeline if isinstance(step.command, HmcCommand)]
            return None if changes else "there is no change to log; give the timeline one"
        return None if faults_of(timeline) else "there is no fault to log; give the timeline one"

    def judge(self, history: History) -> Finding:
        """PASS if there is such a line."""
        since = self._since(history)
        if since is None:
            return Finding("logs", Outcome.UNKNOWN, f"there was no {self.of} to log")
        line = self._line(history, since)
        if line is None and any(left_out_of(e) for e in self._in_time(history, since)):
            return Finding("logs", Outcome.UNKNOWN, "no such line was seen, but lines of a flood were left out")
        if line is None:
            words = (
                f"nothing about {self._subject} logged at {self.level} or above "
                f"within {seconds_text(self.within)} of the {self.of}{self._way_out}"
            )
            later = next((e.t for e in history.agent_log() if e.t > since and self._fits(e)), None)
            return Finding("logs", Outcome.FAIL, words, since + self.within, Late.of(since, self.within, later))
        words = f"{seconds_text(line.t - since)} after the {self.of}: {line.text}"
        return Finding("logs", Outcome.PASS, words, line.t)

    def watch_until(self, history: History) -> float:
        """Until the line is there, or should be."""
        since = self._since(history)
        return 0.0 if since is None or self._line(history, since) else since + self.within

    @property
    def _subject(self) -> str:
        if self.pattern is not None:
            return repr(self.pattern.pattern)
        return "the HMC's loss" if self.of is Of.FAULT else "the HMC's return"

    @property
    def _way_out(self) -> str:
        """A line in words that nobody here has thought of is not the agent's fault."""
        return "" if self.pattern is not None else "; if it says so in other words, give them as pattern"

    def _since(self, history: History) -> float | None:
        if self.of is Of.CHANGE:
            return history.last_change()
        return history.first_onset() if self.of is Of.FAULT else history.last_healing()

    def _line(self, history: History, since: float) -> LogLine | None:
        return next((e for e in self._in_time(history, since) if self._fits(e)), None)

    def _in_time(self, history: History, since: float) -> list[LogLine]:
        return [e for e in history.agent_log() if since <= e.t <= since + self.within]

    def _fits(self, line: LogLine) -> bool:
        wanted = self.pattern or (LOSS if self.of is Of.FAULT else RETURN)
        return reaches(line, self.level) and wanted.search(line.text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRate:
    """No stretch of this length holds more lines than this: no flood while the HMC is away."""

    at_most: Annotated[int, Bounds(least=0), Says("how many lines")]
    per: Annotated[Seconds, Bounds(least=0.001), Says("length of the stretch")]
    level: Annotated[Level | None, Says("count only lines at this level or above; none: all lines")] = None

    def judge(self, history: History) -> Finding:
        """FAIL at the busiest stretch if it holds too many lines."""
        if not history.agent_log():
            return Finding("log_rate", Outcome.UNKNOWN, "the agent printed nothing at all")
        times = [e.t for e in history.agent_log() if self._counts(e) for _ in range(lines_of(e))]
        worst, first = busiest(times, self.per)
        lines = "lines" if self.level is None else f"lines at {self.level} or above"
        words = f"{worst} {lines} in {seconds_text(self.per)}; at most {self.at_most} are allowed"
        if worst > self.at_most:
            return Finding("log_rate", Outcome.FAIL, words, first)
        return Finding("log_rate", Outcome.PASS, words)

    def watch_until(self, history: History) -> float:
        """One stretch after the newest step's begin."""
        began = history.last_begin()
        return 0.0 if began is None else began + self.per

    def _counts(self, line: LogLine) -> bool:
        """Nobody knows the level of lines that were left out, so they count always."""
        return self.level is None or reaches(line, self.level) or left_out_of(line) > 0


_LEFT_OUT = re.compile(r"^\[(\d+) lines left out\]$")


def lines_of(line: LogLine) -> int:
    """How many lines a recorded one stands for: a flood is recorded as ``[N lines left out]``."""
    return left_out_of(line) or 1


def left_out_of(line: LogLine) -> int:
    """How many lines this one says were left out; 0 for a line of the program's own."""
    found = _LEFT_OUT.match(line.text)
    return int(found.group(1)) if found else 0


def busiest(times: list[float], per: float) -> tuple[int, float | None]:
    """The largest number of moments in any stretch of this length, and where that stretch begins."""
    worst, where, left = 0, None, 0
    for right, t in enumerate(times):
        while t - times[left] > per:
            left += 1
        if right - left + 1 > worst:
            worst, where = right - left + 1, times[left]
    return worst, where

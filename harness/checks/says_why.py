"""START-2: what the agent says last makes a person able to act.

The last error record has to name the HMC (host and port), the cause in words, and that the agent stops. A bare
traceback, one that no record introduces or closes, is no message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Annotated

from harness.checks.logs import left_out_of
from harness.core.events import LogLine
from harness.core.history import History
from harness.core.values import Says
from harness.core.verdict import Finding, Outcome

CAUSES = re.compile(
    r"refused|timed? ?out|reset|closed|dropped|disconnect|unreachable|no route|broken pipe|eof|certificate|tls|ssl"
    r"|password|logon|login|authent|session|status|json|pars|not found|redirect|job|recursion|content.type",
    re.IGNORECASE,
)
"""Words by which a person recognises what went wrong."""

STOPS = re.compile(
    r"\b(stop|exit|terminat|(?<!connection )abort|quit|end(s|ing)\b|giv(es|ing|e) up|shut)", re.IGNORECASE
)
"""Words by which the agent says that it stops. "Connection aborted" is urllib3's word for a cause."""

_ERROR_LEVELS = frozenset({"error", "critical", "fatal"})
_TRACEBACK = "Traceback (most recent call last):"
_LINKS = ("During handling of the above exception", "The above exception was the direct cause")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaysWhy:
    """The last error message names the HMC's host and port, the cause, and that the agent stops; no bare traceback."""

    cause: Annotated[re.Pattern[str], Says("what counts as a cause in words")] = CAUSES
    names_address: Annotated[bool, Says("whether the message has to name the HMC's host and port")] = True
    says_it_stops: Annotated[bool, Says("whether the message has to say that the agent stops")] = True

    def judge(self, history: History) -> Finding:
        """PASS if the last error record holds all that is asked."""
        gone, header = history.exited(), history.header
        if gone is None:
            return Finding("says_why", Outcome.UNKNOWN, "the agent did not end by itself, so there are no last words")
        if header is None:
            return Finding("says_why", Outcome.UNKNOWN, "the history does not say which HMC was to be named")
        message, bare = last_words(history.agent_log())
        if bare:
            return Finding("says_why", Outcome.FAIL, f"its last words are a bare traceback: {bare!r}", gone.t)
        if message is None:
            return Finding("says_why", Outcome.FAIL, "it ended without an error message", gone.t)
        lacks = self._lacks(message.text, header.address, header.alternate)
        if lacks:
            words = f"its last error message does not {', nor '.join(lacks)}: {message.text!r}"
            return Finding("says_why", Outcome.FAIL, words, message.t)
        return Finding("says_why", Outcome.PASS, f"said: {message.text}", message.t)

    def watch_until(self, history: History) -> float:  # noqa: ARG002 - `exits` decides how long to wait for an exit
        """No longer than others ask for."""
        return 0.0

    def _lacks(self, text: str, address: str, alternate: str) -> list[str]:
        told = [address, alternate] if alternate else [address]  # of two HMCs it may name the one that it tried last
        is_named = any(_names(text, one) for one in told)
        return [
            *([f"name the HMC ({' or '.join(told)})"] if self.names_address and not is_named else []),
            *([] if self.cause.search(text) else ["tell the cause in words"]),
            *(["say that the agent stops"] if self.says_it_stops and not STOPS.search(text) else []),
        ]


def _names(text: str, address: str) -> bool:
    """Whether a text holds this host and this port, and not just longer names that begin or end with them."""
    host, _, port = address.rpartition(":")
    says_host = re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", text)
    return says_host is not None and re.search(rf"\b{re.escape(port)}\b", text) is not None


def last_words(lines: list[LogLine]) -> tuple[LogLine | None, str]:
    """The last error record, and the exception line of a traceback that nothing introduces or closes (or '')."""
    reader = _Reader()
    for line in lines:
        if line.text.strip() and not left_out_of(line):
            reader.read(line)
    return next((record for record in reversed(reader.records) if _is_error(record)), None), reader.bare


@dataclass(slots=True)
class _Reader:
    """Tells records, their further lines and tracebacks apart, line by line.

    Each line of a traceback may have a prefix (oslo.log) or a margin (exception groups) as wide as its first one's.
    """

    records: list[LogLine] = field(default_factory=list)
    bare: str = ""
    """The exception line of the last traceback, if nothing introduced it and nothing has closed it yet."""
    _opening: LogLine | None = None
    """The first line of the last traceback, if no record came after it."""
    _inside: bool = False
    """Whether that traceback's exception line is still to come."""
    _introduced: bool = False

    def read(self, line: LogLine) -> None:
        """Take the next line."""
        if line.text.rstrip().endswith(_TRACEBACK):
            self._introduced = self._introduced or (bool(self.records) and _is_error(self.records[-1]))
            self._opening, self._inside = line, True
        elif self._is_of_traceback(line) or self._is_aside(line):
            return
        elif self._inside and self._is_beside(line):
            self._inside, self.bare = False, "" if self._introduced else line.text.strip(" |")
        elif self._continues(line):
            self.records[-1] = replace(self.records[-1], text=f"{self.records[-1].text}\n{line.text.rstrip()}")
        else:
            self._opening, self._inside, self._introduced = None, False, False
            self.bare = "" if _is_error(line) else self.bare
            self.records.append(line)

    def _is_aside(self, line: LogLine) -> bool:
        """Whether a line on another stream only happens to come between a traceback's lines."""
        return self._opening is not None and line.stream != self._opening.stream and not _is_error(line)

    def _is_beside(self, line: LogLine) -> bool:
        opening = self._opening
        return opening is not None and (line.level, line.stream) == (opening.level, opening.stream)

    def _is_of_traceback(self, line: LogLine) -> bool:
        """Whether a line is a traceback's frame, margin, or link to the next one."""
        if self._opening is None or not self._is_beside(line):
            return False
        body = line.text.rstrip()[_margin(self._opening.text) :]
        outside = not self._inside and not line.level and line.text.startswith((" ", "\t"))
        return not body or outside or body.startswith((" ", "\t", *_LINKS))

    def _continues(self, line: LogLine) -> bool:
        """Whether a line without a level is one more of the last error record.

        A program that logs levels prints such a line only as part of a record; other programs at least indent it.
        """
        if line.level or self.bare or not self.records:
            return False
        last = self.records[-1]
        belongs = bool(last.level) or line.text.startswith((" ", "\t"))
        return belongs and last.stream == line.stream and _is_error(last)


def _margin(opening: str) -> int:
    """How many characters stand before the body of a traceback's lines."""
    group = opening.find(f"Exception Group {_TRACEBACK}")
    return group if group >= 0 else opening.rindex(_TRACEBACK)


def _is_error(line: LogLine) -> bool:
    """Where no level is known (a command-line tool), what goes to stderr counts."""
    return line.level in _ERROR_LEVELS or (not line.level and line.stream == "stderr")

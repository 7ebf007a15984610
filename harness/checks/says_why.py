"""START-2: what the agent says last makes a person able to act.

The last error record has to name the HMC (host and port), the cause in words, and that the agent stops. A bare
traceback, one that no record introduces or closes, is no message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

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

STOPS = re.compile(r"\b(stop|exit|terminat|abort|quit|end(s|ing)\b|giv(es|ing|e) up|shut)", re.IGNORECASE)
_ERROR_LEVELS = frozenset({"error", "critical", "fatal"})
_TRACEBACK = "Traceback (most recent call last)"
_LINKS = ("During handling of the above exception", "The above exception was the direct cause")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaysWhy:
    """The last error message names the HMC's host and port, the cause, and that the agent stops; no bare traceback."""

    cause: Annotated[re.Pattern[str], Says("what counts as a cause in words")] = CAUSES
    names_address: Annotated[bool, Says("whether the message has to name the HMC's host and port")] = True
    says_it_stops: Annotated[bool, Says("whether the message has to say that the agent stops")] = True

    def judge(self, history: History) -> Finding:
        """PASS if the last error record holds all that is asked."""
        if history.exited() is None:
            return Finding("says_why", Outcome.UNKNOWN, "the agent did not end by itself, so there are no last words")
        message, bare = last_words(history.agent_log())
        if bare:
            return Finding("says_why", Outcome.FAIL, f"its last words are a bare traceback: {bare!r}")
        if message is None:
            return Finding("says_why", Outcome.FAIL, "it ended without an error message")
        lacks = self._lacks(message.text, history.header.address if history.header else "")
        if lacks:
            words = f"its last error message does not {', nor '.join(lacks)}: {message.text!r}"
            return Finding("says_why", Outcome.FAIL, words, message.t)
        return Finding("says_why", Outcome.PASS, f"said: {message.text}", message.t)

    def watch_until(self, history: History) -> float:  # noqa: ARG002 - `exits` decides how long to wait for an exit
        """No longer than others ask for."""
        return 0.0

    def _lacks(self, text: str, address: str) -> list[str]:
        host, _, port = address.rpartition(":")
        named = host in text and re.search(rf"\b{port}\b", text) is not None
        return [
            *([f"name the HMC ({address})"] if self.names_address and not named else []),
            *([] if self.cause.search(text) else ["tell the cause in words"]),
            *(["say that the agent stops"] if self.says_it_stops and not STOPS.search(text) else []),
        ]


def last_words(lines: list[LogLine]) -> tuple[LogLine | None, str]:
    """The last error record, and the exception line of a traceback that nothing introduces or closes (or '')."""
    records: list[LogLine] = []
    bare, introduced = "", False
    inside = False
    for line in lines:
        text = line.text.rstrip()
        if text.lstrip().startswith(_TRACEBACK):
            introduced = introduced or (bool(records) and _is_error(records[-1]))
            inside = True
        elif inside and (not text or text.startswith((" ", *_LINKS))):
            continue
        elif inside and not line.level:
            inside, bare = False, "" if introduced else text
        elif text:
            inside, introduced, bare = False, False, ""
            records.append(line)
    errors = [line for line in records if _is_error(line)]
    return (errors[-1] if errors else None), bare


def _is_error(line: LogLine) -> bool:
    """Where no level is known (a command-line tool), what goes to stderr counts."""
    return line.level in _ERROR_LEVELS or (not line.level and line.stream == "stderr")

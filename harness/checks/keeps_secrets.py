"""No secret in what the agent prints: not its password, not a session id.

The recorder replaces each secret by a mark before it writes anything, so that the history holds none either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.core.history import History
from harness.core.verdict import Finding, Outcome

_MARK = re.compile(r"<secret:([^>]+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepsSecrets:
    """The agent prints neither its password nor a session id."""

    def judge(self, history: History) -> Finding:
        """FAIL at the first line that held a secret."""
        for line in history.agent_log():
            found = _MARK.search(line.text)
            if found:
                words = f"printed its {found.group(1)}: {line.text!r}"
                return Finding("keeps_secrets", Outcome.FAIL, words, line.t)
        return Finding("keeps_secrets", Outcome.PASS, f"no secret in {len(history.agent_log())} lines")

    def watch_until(self, history: History) -> float:  # noqa: ARG002 - a question about what was printed anyway
        """No longer than others ask for."""
        return 0.0

"""What Neutron, oslo and their libraries log, made fit for this agent's log.

Laws:
1. Warnings and worse only, at a bounded rate: while the bus is away each of its connections complains with each
   attempt, and each heartbeat with a traceback (RUN-3).
2. One line a record: a traceback becomes the kind of its exception. A text may quote an answer or a URL, and those
   hold secrets; what is known as a secret is taken out of what is left.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import unquote

from agent_under_test.dpm_agent.outage import LOUD_FAILURES, QUIET_S
from agent_under_test.dpm_agent.process import LOG_FORMAT

OURS: Final = "agent_under_test"

_MOST_KINDS: Final = 200
"""Kinds of records that are counted; there are a few dozen, and a defect of a library shall not fill the memory."""


def tame(secrets: Sequence[str]) -> None:
    """Do this to the handlers of the root logger, and quieten what is no news."""
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    logging.captureWarnings(True)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what is deprecated within Neutron is no news for who runs an agent
    # It warns of each heartbeat that took longer than its interval. `StateReports` says what matters of it.
    logging.getLogger("oslo.service").setLevel(logging.ERROR)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Rate(time.monotonic))
        handler.setFormatter(OneLine(secrets))


class Rate(logging.Filter):
    """Lets the first few records of a kind pass, then one in `QUIET_S` seconds; a kind is a logger and a text.

    As `Outage` does for what this agent says itself. A kind that was not heard of for as long begins anew.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._kinds: dict[tuple[str, str], tuple[int, float, float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record passes; each one of this agent does."""
        if _is_ours(record):
            return True
        now, kind = self._now(), (record.name, str(record.msg))
        count, shown, heard = self._kinds.get(kind, (0, now, now))
        if now - heard >= QUIET_S:
            count = 0
        passes = count < LOUD_FAILURES or now - shown >= QUIET_S
        if len(self._kinds) >= _MOST_KINDS:
            self._kinds.clear()
        self._kinds[kind] = (count + 1, now if passes else shown, now)
        return passes


class OneLine(logging.Formatter):
    """The agent's own format; records of others in one line without secrets."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(LOG_FORMAT)
        # A URL has a password in quoted form, a library may have it in either.
        self._secrets = sorted({form for text in secrets if text for form in (text, unquote(text))}, key=len)[::-1]

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        return super().format(record if _is_ours(record) else self._tamed(record))

    def _tamed(self, record: logging.LogRecord) -> logging.LogRecord:
        text = record.getMessage().strip().partition("\n")[0]
        for secret in self._secrets:
            text = text.replace(secret, "***")
        kind = record.exc_info[0] if record.exc_info else None
        if kind is not None:
            text = f"{text} ({kind.__name__})"
        return logging.makeLogRecord({**vars(record), "msg": text, "args": (), "exc_info": None, "exc_text": None})


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == OURS

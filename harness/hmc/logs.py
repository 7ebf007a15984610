"""The console's audit and security logs.

A real HMC logs hundreds of kinds of events; here are those that a client causes: logon, refused logon, logoff, and
every request that may change something.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from harness.hmc.changes import Change, LogEntry, LogKind
from harness.hmc.clock import Clock
from harness.hmc.observer import EXPIRED, LOGOFF, LOGON, LOGON_REFUSED

KEPT = 10_000
"""So many entries of each log are kept; the oldest go first."""

EVENT_IDS = {LOGON: 1941, LOGON_REFUSED: 1942, LOGOFF: 1943, EXPIRED: 1944}
"""Event ids of what sessions do; ours."""
OPERATION_ID = 1950


class Logs:
    """Both logs; `tell` is told of each new entry."""

    def __init__(self, clock: Clock, tell: Callable[[Change], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._entries: dict[LogKind, deque[dict[str, object]]] = {kind: deque(maxlen=KEPT) for kind in LogKind}

    def add(self, kind: LogKind, event_id: int, user: str, text: str) -> None:
        """Write an entry, in the words of Get Console Audit Log."""
        entry: dict[str, object] = {
            "event-id": str(event_id),
            "event-name": text.partition(":")[0],
            "event-message": text,
            "event-time": self._clock.now_ms(),
            "user-uri": None,
            "userid": user,
            "event-data-items": [],
            "event-details": [],
        }
        self._entries[kind].append(entry)
        self._tell(LogEntry(log=kind, entry=entry))

    def between(self, kind: LogKind, begin_ms: int | None, end_ms: int | None) -> list[Mapping[str, object]]:
        """Entries from begin to end, both included, the oldest first."""
        return [
            entry
            for entry in self._entries[kind]
            if (begin_ms is None or _time(entry) >= begin_ms) and (end_ms is None or _time(entry) <= end_ms)
        ]


def _time(entry: Mapping[str, object]) -> int:
    time_ms = entry["event-time"]
    assert isinstance(time_ms, int)  # noqa: S101 - written by `add`
    return time_ms

"""Tells from the segments on the wire how connection attempts fared that no listener ever sees.

Laws:
1. An attempt is counted once: a SYN sent again (same client port, same sequence number) is no new attempt.
2. An attempt that got a SYN-ACK is the listener's to record, not ours.
3. A reset counts as a refusal only if it answers a SYN: resets of open connections are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.engines.relay.packets import Peer, Segment

ACCEPTED, REFUSED, IGNORED = "accepted", "refused", "ignored"
"""The outcomes that `ConnectionAttempt` knows."""

REMEMBERED = 4096
"""So many attempts without an answer are remembered; a client's kernel gives up after minutes and never says so."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt fared; `counted` says that it was told before, and now fared worse."""

    connection: str
    outcome: str
    counted: bool = False


@dataclass(slots=True)
class _Asked:
    sequence: int
    connection: str = ""


@dataclass(slots=True)
class Attempts:
    """The attempts that wait for their answer, by the client's address."""

    new_name: Callable[[], str]
    _asked: dict[Peer, _Asked] = field(default_factory=dict)

    def feed(self, segments: Iterable[Segment], *, ignoring: bool) -> list[Attempt]:
        """What these segments show. With `ignoring`, a SYN without an answer among them is an ignored attempt."""
        found: list[Attempt] = []
        unanswered: dict[Peer, _Asked] = {}
        for segment in segments:
            if segment.asks:
                unanswered[segment.source] = self._ask(segment)
                continue
            unanswered.pop(segment.destination, None)
            found += self._answer(segment)
        if ignoring:
            found += [self._ignored(asked) for asked in unanswered.values() if not asked.connection]
        return found

    def accepted(self, client: Peer) -> str | None:
        """A listener has accepted this client: the name under which its attempt was told already, if it was."""
        asked = self._asked.pop(client, None)
        return asked.connection if asked is not None and asked.connection else None

    def _ask(self, segment: Segment) -> _Asked:
        known = self._asked.get(segment.source)
        if known is None or known.sequence != segment.sequence:
            known = self._asked[segment.source] = _Asked(segment.sequence)
            while len(self._asked) > REMEMBERED:
                del self._asked[next(iter(self._asked))]
        return known

    def _answer(self, segment: Segment) -> list[Attempt]:
        client = segment.destination
        asked = self._asked.get(client)
        if asked is None:
            return []
        if segment.resets and segment.acknowledged == (asked.sequence + 1) % 2**32:
            del self._asked[client]
            counted = bool(asked.connection)
            return [Attempt(asked.connection or self.new_name(), REFUSED, counted)]
        if segment.accepts and not asked.connection:
            del self._asked[client]
        return []

    def _ignored(self, asked: _Asked) -> Attempt:
        asked.connection = self.new_name()
        return Attempt(asked.connection, IGNORED)

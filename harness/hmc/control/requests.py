"""The journal of requests: what the HMC was asked, by whom, and what it answered. Bounded; the oldest go first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from harness.hmc.observer import HmcObserver

KEPT = 10_000


def _now_ms() -> int:
    return int(time.time() * 1000)


@dataclass(slots=True)
class Request:
    """One request; status is 0 and seconds are 0 until it is answered."""

    number: int
    """Counted from 1 over all the HMC's life."""
    method: str
    path: str
    """Without its query."""
    query: str
    """What followed the question mark, as it was sent; passwords in it are hidden."""
    user: str
    """Empty where the HMC cannot know whose it is."""
    time_ms: int
    """When it was read, by this machine's clock, in ms since 1970."""
    status: int = 0
    reason: int = -1
    """-1 where the answer has none."""
    seconds: float = 0.0


class RequestJournal:
    """Stands between an HMC and another observer, which is told everything, too."""

    def __init__(self, observer: HmcObserver, kept: int = KEPT, now_ms: Callable[[], int] = _now_ms) -> None:
        self._observer = observer
        self._kept = kept
        self._now_ms = now_ms
        self._requests: OrderedDict[int, Request] = OrderedDict()

    def since(self, number: int) -> list[Request]:
        """The requests after that one, in their order; those that were dropped are missing."""
        return [request for request in self._requests.values() if request.number > number]

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        """A request was read."""
        self._requests[number] = Request(number, method, path, query, user, self._now_ms())
        if len(self._requests) > self._kept:
            self._requests.popitem(last=False)
        await self._observer.on_request(number, method, path, user, query)

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        """The HMC answers a request."""
        if number in self._requests:
            request = self._requests[number]
            request.status, request.reason, request.seconds = status, reason, seconds
        self._observer.on_answer(number, status, reason, seconds)

    def on_session(self, user: str, what: str) -> None:
        """A session came or went."""
        self._observer.on_session(user, what)

    def on_secret(self, text: str, name: str) -> None:
        """A secret was made. It is in no method, path, query or user name, so there is nothing to hide here."""
        self._observer.on_secret(text, name)

    def on_crash(self, component: str, error: str) -> None:
        """Something in the HMC failed that must not."""
        self._observer.on_crash(component, error)

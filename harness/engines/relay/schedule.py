"""When held data may go on: delays first, then the rate. Pure: it is told the time and never waits.

Laws:
1. Order is kept: a piece never overtakes another.
2. Delays of several steps add up; of several rates the slowest rules.
3. Moments follow from the moments before them and not from when somebody looked: nothing drifts, and who looks late
   gets all that is due at once.
4. What a step no longer holds goes on at once, in order.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from harness.core.commands import Delay, DelayFirstByte, Throttle

Touch = Callable[[int, int], None]
"""Told which step has made how many bytes late."""


@dataclass(slots=True)
class _Piece:
    data: bytes
    arrived: float
    late_s: dict[int, float]

    @property
    def due(self) -> float:
        return self.arrived + sum(self.late_s.values())


@dataclass(slots=True)
class Schedule:
    """The data of one direction that waits, and until when.

    `seed` names the source of jitter; each step draws from its own, so that another step or connection does not
    change what it draws.
    """

    seed: str
    touch: Touch
    held: int = 0
    _delays: Mapping[int, Delay | DelayFirstByte] = field(default_factory=dict)
    _throttles: Mapping[int, Throttle] = field(default_factory=dict)
    _jitter: dict[int, random.Random] = field(default_factory=dict)
    _delayed: deque[_Piece] = field(default_factory=deque)
    _ready: bytearray = field(default_factory=bytearray)
    _free_at: float = 0.0
    """The moment from which the rate's line can take its next bytes."""

    def shape(
        self, now: float, delays: Mapping[int, Delay | DelayFirstByte], throttles: Mapping[int, Throttle]
    ) -> None:
        """From now on these steps delay and throttle; the ones that no longer do let go of what they hold."""
        for piece in self._delayed:
            for step in piece.late_s.keys() - delays.keys():
                self.touch(step, len(piece.data))
                del piece.late_s[step]
        if self._ready:
            for step in self._throttles.keys() - throttles.keys():
                self.touch(step, len(self._ready))
        if self._throttles != throttles:
            self._free_at = now
        self._delays, self._throttles = delays, throttles

    def arrive(self, now: float, data: bytes, *, first: bool = False) -> Iterable[int]:
        """Take a piece of data, perhaps the first of its turn; returns the steps that will make it late."""
        chosen = {step: delay for step, delay in self._delays.items() if first or isinstance(delay, Delay)}
        late_s = {step: self._draw(step, delay) for step, delay in chosen.items()}
        self._delayed.append(_Piece(data, now, late_s))
        self.held += len(data)
        return chosen

    def take(self, now: float) -> bytes:
        """What may go on by now; to be asked again until nothing comes."""
        self._promote(now)
        rate = self._slowest()
        amount = len(self._ready) if rate is None else self._due_bytes(now, rate[1])
        data = bytes(self._ready[:amount])
        del self._ready[:amount]
        self.held -= amount
        if rate is not None and amount:
            self.touch(rate[0], amount)
        return data

    def next_due(self) -> float | None:
        """The next moment at which `take` will give something, after it gave nothing; None if nothing waits."""
        if self._ready:
            rate = self._slowest()
            return self._free_at if rate is None else self._chunk_due(rate[1])
        return self._delayed[0].due if self._delayed else None

    def resume(self, now: float) -> None:
        """Something else held the data until now: the rate counts from here, or a burst would make up for it."""
        self._free_at = max(self._free_at, now)

    def forget(self) -> None:
        """Throw away what waits; the steps that held it are told."""
        for piece in self._delayed:
            for step in piece.late_s:
                self.touch(step, len(piece.data))
        rate = self._slowest()
        if rate is not None and self._ready:
            self.touch(rate[0], len(self._ready))
        self._delayed.clear()
        self._ready.clear()
        self.held = 0

    def _promote(self, now: float) -> None:
        while self._delayed and self._delayed[0].due <= now:
            piece = self._delayed.popleft()
            for step in piece.late_s:
                self.touch(step, len(piece.data))
            if not self._ready:
                self._free_at = max(self._free_at, piece.due)
            self._ready += piece.data

    def _slowest(self) -> tuple[int, Throttle] | None:
        return min(self._throttles.items(), key=lambda item: item[1].bytes_per_s, default=None)

    def _chunk_due(self, rate: Throttle) -> float:
        return self._free_at + min(rate.chunk_bytes, len(self._ready)) / rate.bytes_per_s

    def _due_bytes(self, now: float, rate: Throttle) -> int:
        amount = 0
        while amount < len(self._ready):
            chunk = min(rate.chunk_bytes, len(self._ready) - amount)
            due = self._free_at + chunk / rate.bytes_per_s
            if due > now:
                break
            self._free_at = due
            amount += chunk
        return amount

    def _draw(self, step: int, delay: Delay | DelayFirstByte) -> float:
        if isinstance(delay, DelayFirstByte):
            return delay.delay_s
        # A plan has to be played again from its seed; nothing here is a secret.
        source = self._jitter.setdefault(step, random.Random(f"{self.seed}/{step}"))  # noqa: S311 - see above
        return max(0.0, delay.delay_s + source.uniform(-delay.jitter_s, delay.jitter_s))

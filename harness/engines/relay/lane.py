"""One direction of one connection: bytes come from the source, wait where a fault says so, and go to the target.

Laws:
1. Nothing overtakes: the straight way is open only while nothing waits.
2. What is held is bounded: beyond `HELD_MAX_BYTES` nothing is read, and TCP tells the sender to wait.
3. `passed` counts what the target's kernel has taken, and nothing else.
"""

from __future__ import annotations

import asyncio
import socket
from enum import Enum, auto
from typing import Protocol

from harness.core.commands import CutConnection, CutHandshake, Direction
from harness.core.interfaces import Clock
from harness.engines.relay.exit import Exit, Stop
from harness.engines.relay.orders import Cuts, Orders
from harness.engines.relay.schedule import Schedule
from harness.engines.relay.tasks import Tasks
from harness.engines.relay.turn import Turn

READ_BYTES = 1 << 16
HELD_MAX_BYTES = 1 << 20


class End(Enum):
    """How the source ended."""

    EOF = auto()
    RESET = auto()


class Owner(Protocol):
    """What a lane tells its connection."""

    def touched(self, step: int, direction: Direction, what: str, amount: int) -> None:
        """A step has touched so many bytes."""

    def begins_to_touch(self, step: int, direction: Direction, what: str) -> None:
        """A step holds bytes; `touched` follows when it has done with them."""

    def source_ended(self, direction: Direction, end: End) -> None:
        """No more bytes will come; what waits may still go on."""

    def drained(self, direction: Direction, end: End) -> None:
        """The source has ended and all that came from it has gone on."""

    def target_broke(self, direction: Direction) -> None:
        """The target takes no more bytes."""

    def cut_is_due(self, step: int, command: Cuts) -> None:
        """The last byte that may pass before this cut has passed."""


class Lane:
    """Carries one direction. It is told its orders again whenever a step begins or heals."""

    def __init__(
        self, direction: Direction, *, owner: Owner, clock: Clock, tasks: Tasks, turn: Turn, seed: str, orders: Orders
    ) -> None:
        self.direction = direction
        self.passed = 0
        self._owner, self._clock, self._tasks = owner, clock, tasks
        self._exit = Exit(direction, turn)
        self._loop = asyncio.get_running_loop()
        self._schedule = Schedule(seed, self._made_late)
        self._source: socket.socket | None = None
        self._target: socket.socket | None = None
        self._backlog = b""
        self._end: End | None = None
        self._cut: tuple[int, Cuts] | None = None
        self._stalled_by: int | None = None
        self._kept = b""
        """What came to the exit and was stopped there by a stall; nothing overtakes it."""
        self._stopped = self._reading = self._writing = self._straight = False
        self._timer: asyncio.Task[None] | None = None
        self._orders = Orders()
        self.obey(orders)

    def attach(self, *, source: socket.socket | None = None, target: socket.socket | None = None) -> None:
        """Where bytes come from and go to; either may come later."""
        self._source = source or self._source
        self._target = target or self._target
        self._pump()

    def obey(self, orders: Orders) -> None:
        """From now on these orders hold, also for what waits already."""
        now = self._clock.now()
        released = self._orders.holding and not orders.holding
        if self._stalled_by is not None and self._stalled_by not in orders.stalls:
            self._stalled_by, released = None, True
        self._orders = orders
        self._schedule.shape(now, orders.delays, orders.throttles)
        if released:
            self._schedule.resume(now)
        self._stop_timer()
        self._pump()

    @property
    def waits_for_room(self) -> bool:
        """The target's kernel takes no more for now: whoever is to read there does not."""
        return bool(self._backlog)

    @property
    def stalled(self) -> bool:
        """A stall holds what comes."""
        return self._stalled_by is not None

    def close_input(self) -> None:
        """Take no more, and forget what waits: the target is gone."""
        self._schedule.forget()
        self._backlog = self._kept = b""
        self._stop()

    def fail_source(self) -> None:
        """The source could not be reached at all."""
        self._at_end(End.RESET)

    def _stop(self) -> None:
        self._stopped = True
        self._stop_timer()
        self._review()

    @property
    def _may_send(self) -> bool:
        free = not (self._stopped or self._backlog or self._orders.holding or self._cut is not None)
        return free and not self.stalled and self._target is not None

    def _readable(self) -> None:
        if self._source is None:
            return
        try:
            data = self._source.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._at_end(End.RESET)
            return
        if data and self._straight:
            self._hand_on(data)
        elif data:
            self._wait(data)
        else:
            self._at_end(End.EOF)

    def _wait(self, data: bytes) -> None:
        first = self._exit.begins_turn and not self._schedule.held
        late = self._schedule.arrive(self._clock.now(), data, first=first)
        for step in self._orders.holding | ({self._stalled_by} if self._stalled_by is not None else set()):
            self._owner.touched(step, self.direction, "held back", len(data))
        for step in late:
            self._owner.begins_to_touch(step, self.direction, "delaying")
        self._pump()

    def _made_late(self, step: int, amount: int) -> None:
        self._owner.touched(step, self.direction, "made late", amount)

    def _at_end(self, end: End) -> None:
        self._end = end
        self._owner.source_ended(self.direction, end)
        self._pump()

    def _hand_on(self, data: bytes) -> None:
        if self._orders.cuts or self._orders.stalls:
            stop = self._exit.next_stop(data, self._orders)
            if stop is not None:
                data = self._stop_at(stop, data)
        self._exit.count(data)
        self._send(data)
        if self._orders.seen:
            self._tell_what_is_seen(len(data))
        if self._cut is not None and not self._backlog and not self._stopped:
            self._fall()

    def _tell_what_is_seen(self, amount: int) -> None:
        now = self._clock.now()
        for step, sight in self._orders.seen.items():
            if now >= sight.since and sight.over:
                self._owner.touched(step, self.direction, sight.what, amount)
            elif now >= sight.since:
                self._owner.begins_to_touch(step, self.direction, sight.what)

    def _stop_at(self, stop: Stop, data: bytes) -> bytes:
        """What still passes; the rest is lost with a cut, and kept by a stall."""
        if isinstance(stop.command, CutConnection | CutHandshake):
            self._cut = stop.step, stop.command
        else:
            self._stalled_by, self._kept = stop.step, data[stop.place :]
            self._owner.touched(stop.step, self.direction, "held back", len(self._kept))
            self._review()
        return data[: stop.place]

    def _fall(self) -> None:
        self.close_input()
        if self._cut is not None:
            self._owner.cut_is_due(*self._cut)

    def _send(self, data: bytes) -> None:
        if not data or self._target is None:
            return
        try:
            sent = self._target.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._target_gone()
            return
        self.passed += sent
        self._backlog = data[sent:]
        if self._backlog:
            self._review()

    def _target_gone(self) -> None:
        self.close_input()
        self._owner.target_broke(self.direction)

    def _writable(self) -> None:
        data, self._backlog = self._backlog, b""
        self._send(data)
        if self._backlog or self._stopped:
            return
        if self._cut is not None:
            self._fall()
            return
        self._pump()

    def _pump(self) -> None:
        while self._may_send and (data := self._next()):
            self._hand_on(data)
        self._review()
        if self._end is not None and self._may_send and not self._schedule.held:
            self._stop()
            self._owner.drained(self.direction, self._end)

    def _next(self) -> bytes:
        kept, self._kept = self._kept, b""
        return kept or self._schedule.take(self._clock.now())

    def _review(self) -> None:
        """Make the loop watch for what this lane waits for, and for nothing else."""
        live = not self._stopped
        held = self._schedule.held + len(self._backlog) + len(self._kept)
        self._straight = self._may_send and self._orders.passes and not held
        self._read(live and self._end is None and held < HELD_MAX_BYTES)
        self._write(live and bool(self._backlog) and not self._orders.holding)
        if self._may_send and self._timer is None and (due := self._schedule.next_due()) is not None:
            self._timer = self._tasks.start(self._wait_until(due))

    def _read(self, wanted: bool) -> None:
        if self._source is None or wanted is self._reading:
            return
        self._reading = wanted
        if wanted:
            self._loop.add_reader(self._source, self._readable)
        else:
            self._loop.remove_reader(self._source)

    def _write(self, wanted: bool) -> None:
        if self._target is None or wanted is self._writing:
            return
        self._writing = wanted
        if wanted:
            self._loop.add_writer(self._target, self._writable)
        else:
            self._loop.remove_writer(self._target)

    async def _wait_until(self, due: float) -> None:
        await self._clock.sleep(max(0.0, due - self._clock.now()))
        self._timer = None
        self._pump()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

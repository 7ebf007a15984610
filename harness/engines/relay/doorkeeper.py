"""Faults that shut the door by themselves: after so many clients, or down and up by turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.core.commands import Command, Existing, Flap, RefuseAfter
from harness.core.interfaces import Clock
from harness.engines.relay.orders import InForce
from harness.engines.relay.tasks import Tasks


@dataclass(slots=True)
class Doorkeeper:
    """Says in `InForce` which steps keep the door shut now."""

    in_force: InForce
    clock: Clock
    tasks: Tasks
    turned: Callable[[], bool]
    """Make the listener as `InForce` wants it; tells whether the kernel did."""
    shut_out: Callable[[int, Existing], None]
    """The door of a step went down: what becomes of the connections that are open."""
    _admits: dict[int, int] = field(default_factory=dict)
    _turning: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    def prepare(self, step: int, command: Command) -> None:
        """A step is about to be applied; no other command matters here."""
        match command:
            case RefuseAfter(connections=connections):
                self._admits[step] = connections
            case Flap():
                self.in_force.shut(step)

    def begin(self, step: int, command: Command) -> None:
        """The step is in force: from now on its door may turn."""
        if isinstance(command, Flap):
            self.shut_out(step, command.existing)
            self._turning[step] = self.tasks.start(self._flap(step, command))

    def heal(self, step: int) -> None:
        """The step is over."""
        self._admits.pop(step, None)
        task = self._turning.pop(step, None)
        if task is not None:
            task.cancel()

    def came(self) -> frozenset[int]:
        """A client was accepted: counts it. Returns the steps for which it came too late."""
        too_late = frozenset(step for step, left in self._admits.items() if left <= 0)
        for step in self._admits:
            self._admits[step] -= 1
        shut = [step for step, left in self._admits.items() if left == 0]
        for step in shut:
            self.in_force.shut(step)
        if shut:
            self.turned()
        return too_late

    async def _flap(self, step: int, command: Flap) -> None:
        """Each moment follows from the one before it, so that nothing drifts."""
        due = self.clock.now()
        while True:
            due += command.down_s
            await self._sleep_until(due)
            self.in_force.reopen(step)
            up = self.turned()
            due += command.up_s
            await self._sleep_until(due)
            self.in_force.shut(step)
            if not (self.turned() and up):
                return
            self.shut_out(step, command.existing)

    async def _sleep_until(self, due: float) -> None:
        await self.clock.sleep(max(0.0, due - self.clock.now()))

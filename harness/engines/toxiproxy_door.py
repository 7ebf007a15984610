"""The door of a trial's proxy on a Toxiproxy server: it is disabled while any step wants it shut.

The relay in front, which is what the agent meets, shuts first and opens last: so nobody is let in whom Toxiproxy then
refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.core.commands import Existing, Flap, RefuseConnections
from harness.core.interfaces import Clock
from harness.engines.relay import Relay
from harness.errors import EngineFailed

LOOK_ROUND = 3
"""Turns of the loop after which the relay has read what was on its way when a fault came into force."""


async def look_round() -> None:
    """Let the relays read what was on its way."""
    for _ in range(LOOK_ROUND):
        await asyncio.sleep(0)


class Door:
    """Says to the server which way the door is."""

    def __init__(
        self, front: Relay, clock: Clock, enable: Callable[[bool], Awaitable[None]], failed: Callable[[str], None]
    ) -> None:
        self._front, self._clock, self._enable, self._failed = front, clock, enable, failed
        self._shut_by: set[int] = set()
        self._turning: dict[int, asyncio.Task[None]] = {}

    def __contains__(self, step: int) -> bool:
        return step in self._shut_by or step in self._turning

    async def begin(self, step: int, command: RefuseConnections | Flap) -> None:
        """Shut it, for as long as the step lasts or by turns."""
        await self._shut(step)
        if isinstance(command, Flap):
            self._turning[step] = asyncio.create_task(self._flap(step, command))

    async def heal(self, step: int) -> None:
        """As far as this step is concerned it is open, and stays so."""
        turning = self._turning.pop(step, None)
        if turning is not None:
            turning.cancel()
            await asyncio.gather(turning, return_exceptions=True)
        await self._open(step)

    async def close(self) -> None:
        """No door turns any more; how they are does not matter."""
        turning = list(self._turning.values())
        for task in turning:
            task.cancel()
        await asyncio.gather(*turning, return_exceptions=True)

    async def _shut(self, step: int) -> None:
        self._shut_by.add(step)
        self._front.observe(step, RefuseConnections(existing=Existing.CLOSE))
        await self._enable(False)
        await look_round()  # the relay has heard of the ends of what was open, and has told the clients

    async def _open(self, step: int) -> None:
        if step in self._shut_by:
            self._shut_by.discard(step)
            if not self._shut_by:
                await self._enable(True)
            self._front.stop_observing(step)

    async def _flap(self, step: int, command: Flap) -> None:
        """Each moment follows from the one before it, so that nothing drifts."""
        due = self._clock.now()
        try:
            while True:
                due += command.down_s
                await self._sleep_until(due)
                await _whole(self._open(step))
                due += command.up_s
                await self._sleep_until(due)
                await _whole(self._shut(step))
        except EngineFailed as error:
            self._failed(f"the door could not be turned: {error}")

    async def _sleep_until(self, due: float) -> None:
        await self._clock.sleep(max(0.0, due - self._clock.now()))


async def _whole(turn: Awaitable[None]) -> None:
    """Who is cancelled in a turn ends it first: half a turn would be told to the server after the healing."""
    turning = asyncio.ensure_future(turn)
    try:
        await asyncio.shield(turning)
    except asyncio.CancelledError:
        await turning
        raise

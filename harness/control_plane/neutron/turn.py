"""Who uses a run's one Neutron, and as what: trials with the same wishes at the same time, others by turns.

Two locks lie in its folder. A trial holds the *place* while it is played: shared with others, or alone. Who wants the
place holds the *gate* meanwhile, so that nobody overtakes: one who wants to be alone gets there as soon as those are
done who are playing. Both are the kernel's, which unlocks what a killed worker held.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from harness.control_plane.neutron.addresses import Addresses
from harness.control_plane.neutron.orders import ASKS, give
from harness.control_plane.neutron.wishes import Wishes

PLACE, GATE = "place.lock", "gate.lock"
LOOK_EACH_S = 0.02
"""The pace of trying for a lock: a thread that waits in the kernel could not be called off."""


@dataclass(slots=True)
class Turn:
    """A trial's turn on a run's Neutron. Made by `take` only; `release` ends it."""

    addresses: Addresses
    """Where it is and how it is, as wished."""
    _held: ExitStack = field(default_factory=ExitStack)

    @classmethod
    async def take(cls, addresses: Addresses, wishes: Wishes, *, alone: bool = False) -> Self:
        """Wait until it is free for this; afterwards it is as wished, and nobody makes it another one.

        `alone` is for who wants to do it harm.

        Raises:
            EngineFailed: its keeper has ended, or cannot make it so.
        """
        folder = addresses.folder
        wished = replace(addresses, agent_down_time_s=wishes.agent_down_time_s, speed=wishes.speed)
        self = cls(wished)
        try:
            place = self._held.enter_context(_opened(Path(folder, PLACE)))
            with _opened(Path(folder, GATE)) as gate:
                await _lock(gate, fcntl.LOCK_EX)
                await _lock(place, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
                if await give(folder, ASKS) != wishes.to_json():
                    await _lock(place, fcntl.LOCK_EX)
                    await give(folder, "become", wishes.to_json())
                    if not alone:
                        # Not atomic in the kernel, but nobody else tries for the place: we hold the gate.
                        await _lock(place, fcntl.LOCK_SH)
        except BaseException:
            self._held.close()
            raise
        return self

    async def order(self, order: str) -> Any:
        """Do it harm, or good again; for who is alone.

        Raises:
            EngineFailed: it could not be done; says why.
        """
        return await give(self.addresses.folder, order)

    async def release(self) -> None:
        """Let others have it. Idempotent."""
        self._held.close()


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


async def _lock(lock: int, how: int) -> None:
    while True:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOOK_EACH_S)
        else:
            return

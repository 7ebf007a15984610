"""Turns many small touches into few events, the first of each kind at once.

A step that lasts `once` heals at its first touch, so that one may not wait. What follows is added up and told when the
step heals or the connection ends, so that a drip of a million bytes is two events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.core.events import Touched
from harness.core.interfaces import Recorder


@dataclass(slots=True)
class Witness:
    """The sums that are still to be told, by step, connection and what was done to it."""

    recorder: Recorder
    where: str = ""
    """What is said of it where there are two HMCs."""
    _sums: dict[tuple[int, str, str], int] = field(default_factory=dict)

    def touch(self, step: int, connection: str, what: str, amount: int = 1) -> None:
        """A step has touched so much; `connection` may be empty where many are meant."""
        key = (step, connection, what)
        if key in self._sums:
            self._sums[key] += amount
            return
        self._sums[key] = 0
        self._tell(key, amount)

    def begin(self, step: int, connection: str, what: str) -> None:
        """A step begins to touch: the agent may be gone before it has done with it. Told once."""
        key = (step, connection, what)
        if key not in self._sums:
            self._sums[key] = 0
            self.recorder.record(Touched(step=step, what=f"{what} {connection}{self.where}", amount=0, over=False))

    def settle_step(self, step: int) -> None:
        """The step is healed: tell its sums."""
        self._settle(lambda key: key[0] == step)

    def settle_connection(self, connection: str) -> None:
        """The connection is gone: tell its sums."""
        self._settle(lambda key: key[1] == connection)

    def _settle(self, chosen: Callable[[tuple[int, str, str]], bool]) -> None:
        for key in [key for key in self._sums if chosen(key)]:
            amount = self._sums.pop(key)
            if amount:
                self._tell(key, amount)

    def _tell(self, key: tuple[int, str, str], amount: int) -> None:
        step, connection, what = key
        self.recorder.record(Touched(step=step, what=f"{what} {connection}".rstrip() + self.where, amount=amount))

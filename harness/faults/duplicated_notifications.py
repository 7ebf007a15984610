"""Notifications come more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, RepeatNotifications
from harness.core.values import Bounds, Says


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatedNotifications:
    """Each notification arrives several times, with the same number each time, as after a redelivery."""

    healing: ClassVar[str] = "Each message is sent once again."
    witness: ClassVar[str] = "each message that was sent several times"

    times: Annotated[int, Bounds(2, 1000), Says("how many times")] = 2

    def command(self) -> Command:
        """What an engine has to carry out."""
        return RepeatNotifications(times=self.times)

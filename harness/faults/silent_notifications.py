"""Subscribed, but nothing comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import Command, WithholdNotifications
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentNotifications:
    """Subscriptions stand and heart-beats come, but no notification does."""

    healing: ClassVar[str] = "Messages are sent again; what was withheld is sent first with `kept`, and otherwise lost."
    witness: ClassVar[str] = "each message that was withheld"

    kept: Annotated[bool, Says("whether healing sends what was withheld, in order; otherwise it is lost")] = False

    def command(self) -> Command:
        """What an engine has to carry out."""
        return WithholdNotifications(kept=self.kept)

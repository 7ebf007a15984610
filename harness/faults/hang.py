"""The HMC accepts and says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Connections are accepted and bytes are taken, but no answer comes until the fault heals."""

    healing: ClassVar[str] = (
        "What was taken is handed on at once, in order; a client that has given up is not spoken for any more."
    )
    witness: ClassVar[str] = "bytes that were held back, in each direction"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.Hang()

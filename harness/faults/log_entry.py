"""A line comes into the console's audit log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.commands import Command, WriteLogEntry
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """Somebody else does something that the console's audit log tells, and who listens to it is told."""

    text: Annotated[str, Says("what the entry says")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return WriteLogEntry(text=self.text)

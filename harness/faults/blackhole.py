"""Packets to the HMC vanish."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackhole:
    """A SYN gets no answer, open connections fall silent: the kernel drops packets, as behind a dead router."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.Blackhole()

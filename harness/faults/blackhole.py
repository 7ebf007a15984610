"""Packets to the HMC vanish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackhole:
    """A SYN gets no answer, open connections fall silent: the kernel drops packets, as behind a dead router."""

    healing: ClassVar[str] = (
        "Packets pass again: the kernels send again what was lost, and ends that were swallowed (FIN, RST) "
        "are sent now."
    )
    witness: ClassVar[str] = "packets of open connections and SYNs that the kernel dropped"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.Blackhole()

"""The HMC forgets its jobs."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import commands
from harness.core.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetJobs:
    """Every job is gone, with its result: who asks for it is answered with 404,1. What it was doing is done."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return commands.ForgetJobs()

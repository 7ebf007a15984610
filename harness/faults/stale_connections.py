"""The HMC has forgotten the connections that are kept alive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Command, ForgetConnections


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleConnections:
    """Connections that are open now look alive, but are reset (TCP RST) when they are next used; new ones are well."""

    healing: ClassVar[str] = "Connections that were not used meanwhile are remembered again."
    witness: ClassVar[str] = "each of the connections open at its begin that was used and reset"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return ForgetConnections()

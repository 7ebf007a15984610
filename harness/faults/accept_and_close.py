"""The HMC accepts and hangs up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.commands import CloseOnAccept, Command, Cut
from harness.core.values import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptAndClose:
    """New connections are accepted and ended at once, before a byte was read; open ones stay."""

    healing: ClassVar[str] = "Who connects stays connected."
    witness: ClassVar[str] = "each connection that was accepted and ended"

    how: Annotated[Cut, Says("fin: closed; rst: reset")] = Cut.FIN

    def command(self) -> Command:
        """What an engine has to carry out."""
        return CloseOnAccept(how=self.how)

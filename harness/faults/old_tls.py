"""The HMC speaks old TLS only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Command, OfferOldTls


@dataclass(frozen=True, slots=True, kw_only=True)
class OldTls:
    """Open connections are closed (FIN); new ones are offered TLS 1.1 at most."""

    healing: ClassVar[str] = (
        "New connections are offered what the HMC offers; who took the old protocol stays connected."
    )
    witness: ClassVar[str] = "each handshake in which it was offered, and whether the client accepted or refused it"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return OfferOldTls()

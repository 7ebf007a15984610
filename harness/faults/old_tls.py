"""The HMC speaks old TLS only."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands import Command, OfferOldTls


@dataclass(frozen=True, slots=True, kw_only=True)
class OldTls:
    """Open connections are closed (FIN); new ones are offered TLS 1.1 at most."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return OfferOldTls()

"""The HMC gets a new certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import Certificate, Command, PresentCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """Open connections are closed (FIN); new ones are shown another good certificate, of the same authority."""

    healing: ClassVar[str] = "New connections are shown the former certificate; who is connected stays so."
    witness: ClassVar[str] = "each handshake in which it was shown, and whether the client accepted or refused it"

    def command(self) -> Command:
        """What an engine has to carry out."""
        return PresentCertificate(certificate=Certificate.ROTATED)

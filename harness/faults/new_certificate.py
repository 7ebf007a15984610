"""The HMC gets a new certificate."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands import Certificate, Command, PresentCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """Open connections are closed (FIN); new ones are shown another good certificate, of the same authority."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        return PresentCertificate(certificate=Certificate.ROTATED)

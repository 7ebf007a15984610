"""The HMC shows a certificate that nobody should accept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from harness.core.commands import Certificate, Command, PresentCertificate
from harness.core.values import Says


class Flaw(StrEnum):
    """What is wrong with it."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_HOST = "wrong_host"
    SELF_SIGNED = "self_signed"
    UNKNOWN_CA = "unknown_ca"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCertificate:
    """Open connections are closed (FIN); new ones are shown a bad certificate."""

    healing: ClassVar[str] = (
        "New connections are shown the HMC's own certificate; who took the bad one stays connected."
    )
    witness: ClassVar[str] = "each handshake in which it was shown, and whether the client accepted or refused it"

    flaw: Annotated[Flaw, Says("expired, not_yet_valid, wrong_host, self_signed or unknown_ca")]

    def command(self) -> Command:
        """What an engine has to carry out."""
        return PresentCertificate(certificate=Certificate(self.flaw.value))

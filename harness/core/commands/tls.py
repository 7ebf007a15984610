"""Certificates and protocol versions that a server shows; what a handshake's bytes meet is in `connections.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.core.commands.base import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCommand(Command):
    """Base of commands that reach TLS handshakes. Open connections are closed (FIN), so that there are some."""


class Certificate(StrEnum):
    """What certificate a server shows instead of its own."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_HOST = "wrong_host"
    SELF_SIGNED = "self_signed"
    UNKNOWN_CA = "unknown_ca"
    ROTATED = "rotated"
    """A good one, with another key than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentCertificate(TlsCommand):
    """New connections are shown this certificate."""

    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOldTls(TlsCommand):
    """New connections are offered TLS 1.1 and older only."""

"""TLS handshakes that go wrong: certificates that a client must not accept, a protocol that is too old."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mitmproxy.tls import TlsData
from OpenSSL import SSL, crypto

from harness.core.commands import Certificate
from harness.engines.mitm.rules.base import Passive

DAY = datetime.timedelta(days=1)
WRONG_HOST = "another-host.invalid"


@dataclass
class PresentCertificate(Passive):
    """Another certificate, made once, so that all connections see the same."""

    certificate: Certificate
    known_as: tuple[str, ...]
    ca_pem: bytes

    def __post_init__(self) -> None:
        """Make it before it is needed: what cannot be made is told when the fault begins."""
        self._key_and_chain = _made(self.certificate, self.known_as, self.ca_pem)

    def handshake(self, data: TlsData) -> str | None:
        """Show it."""
        data.ssl_conn = _server(*self._key_and_chain)
        return f"showed a certificate: {self.certificate.value.replace('_', ' ')}"


@dataclass
class OfferOldTls(Passive):
    """A good certificate under a protocol that is no longer used (RFC 8996)."""

    known_as: tuple[str, ...]
    ca_pem: bytes

    def __post_init__(self) -> None:
        """See `PresentCertificate`."""
        self._key_and_chain = _made(Certificate.ROTATED, self.known_as, self.ca_pem)

    def handshake(self, data: TlsData) -> str | None:
        """Offer it."""
        data.ssl_conn = _server(*self._key_and_chain, newest=SSL.TLS1_1_VERSION)
        return "offered TLS 1.1 at most"


_Made = tuple[bytes, list[bytes]]
"""A private key, and the certificate with those that signed it, all as PEM."""


def _made(what: Certificate, known_as: tuple[str, ...], ca_pem: bytes) -> _Made:
    now = datetime.datetime.now(datetime.UTC)
    ca = trustme.CA.from_pem(ca_pem, ca_pem)
    match what:
        case Certificate.SELF_SIGNED:
            return _self_signed(known_as, now)
        case Certificate.EXPIRED:
            leaf = ca.issue_cert(*known_as, not_before=now - 30 * DAY, not_after=now - DAY)
        case Certificate.NOT_YET_VALID:
            leaf = ca.issue_cert(*known_as, not_before=now + DAY, not_after=now + 30 * DAY)
        case Certificate.WRONG_HOST:
            leaf = ca.issue_cert(WRONG_HOST)
        case Certificate.UNKNOWN_CA:
            leaf = trustme.CA(organization_name="An authority that nobody knows").issue_cert(*known_as)
        case Certificate.ROTATED:
            leaf = ca.issue_cert(*known_as)
    return leaf.private_key_pem.bytes(), [pem.bytes() for pem in leaf.cert_chain_pems]


def _self_signed(known_as: tuple[str, ...], now: datetime.datetime) -> _Made:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, known_as[0])])
    builder = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 30 * DAY)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in known_as]), critical=False)
    )
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret, [pem]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class _Alerting(SSL.Connection):
    """mitmproxy closes a connection whose handshake fails; what OpenSSL had still to say (the alert) would be lost."""

    _is_told = False

    def do_handshake(self) -> None:
        """A failure is told to mitmproxy once the client has had the time to read why: it closes then."""
        try:
            super().do_handshake()
        except (SSL.WantReadError, SSL.WantWriteError):
            raise
        except SSL.Error:
            if self._is_told:
                raise
            self._is_told = True
            raise SSL.WantReadError from None


def _server(key_pem: bytes, chain: list[bytes], *, newest: int | None = None) -> SSL.Connection:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    if newest is not None:
        # OpenSSL's default security level has nothing left of the old protocols.
        context.set_cipher_list(b"ALL:@SECLEVEL=0")
        context.set_min_proto_version(SSL.TLS1_VERSION)
        context.set_max_proto_version(newest)
    leaf, *others = (x509.load_pem_x509_certificate(pem) for pem in chain)
    for other in others:
        context.add_extra_chain_cert(crypto.X509.from_cryptography(other))
    connection = _Alerting(context)
    connection.use_certificate(crypto.X509.from_cryptography(leaf))
    connection.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, key_pem))
    connection.set_accept_state()
    return connection

"""A certificate authority that lives as long as a run, so that agents can verify the mock HMC as a real one."""

from __future__ import annotations

import ssl

import trustme


class ThrowawayCa:
    """Issues certificates for loopback addresses. Only `ca_key_and_cert_pem` lets its key out of the process."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="Fault-injection harness", organization_unit_name="throwaway CA")
        self._leaves: dict[tuple[str, ...], trustme.LeafCert] = {}

    @property
    def ca_pem(self) -> bytes:
        """What a client has to trust."""
        return self._ca.cert_pem.bytes()

    def ca_key_and_cert_pem(self) -> bytes:
        """Private key and certificate in one, as mitmproxy wants its ``mitmproxy-ca.pem``."""
        return self._ca.private_key_pem.bytes() + self._ca.cert_pem.bytes()

    def issue_pem(self, host_ip: str) -> bytes:
        """Private key and certificate chain for a server at this address."""
        return self._leaf(host_ip).private_key_and_cert_chain_pem.bytes()

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        """A context for a TLS server; its certificate names these addresses and host names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A client that ends before it has read its session tickets would make the kernel answer with a RST of its
        # own, and nobody could tell it from an injected one.
        context.num_tickets = 0
        self._leaf(*hosts).configure_cert(context)
        return context

    def _leaf(self, *hosts: str) -> trustme.LeafCert:
        if hosts not in self._leaves:
            self._leaves[hosts] = self._ca.issue_cert(*hosts)
        return self._leaves[hosts]

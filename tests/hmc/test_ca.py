"""Certificates: what mitmproxy and clients need, made quickly."""

import ssl
import time

from harness.core.patterns import RequestPattern
from harness.hmc import HmcSettings, ThrowawayCa


def test_key_and_certificate_are_in_one_pem_for_mitmproxy() -> None:
    ca = ThrowawayCa()
    pem = ca.ca_key_and_cert_pem()
    assert b"PRIVATE KEY" in pem
    assert ca.ca_pem in pem
    assert b"PRIVATE KEY" not in ca.ca_pem


def test_a_server_gets_one_certificate_an_address_in_less_than_50_ms() -> None:
    ca = ThrowawayCa()
    began = time.thread_time()  # nothing is waited for: what others do on this machine is no matter
    context = ca.server_context("127.0.0.9")
    assert time.thread_time() - began < 0.05
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert ca.issue_pem("127.0.0.9") == ca.issue_pem("127.0.0.9") != ca.issue_pem("127.0.0.10")


def test_a_job_takes_the_seconds_of_the_first_pattern_that_matches() -> None:
    start = RequestPattern("POST", "/api/partitions/*/operations/start")
    settings = HmcSettings(users={}, job_seconds=1, job_seconds_of={start: 5, RequestPattern("POST", "**"): 7})
    assert settings.seconds_of("POST", "/api/partitions/1/operations/start") == 5
    assert settings.seconds_of("POST", "/api/cpcs/1/operations/start") == 7
    assert settings.seconds_of("GET", "/") == 1


def test_settings_do_not_show_passwords() -> None:
    assert "hush" not in repr(HmcSettings(users={"agent": "hush"}))

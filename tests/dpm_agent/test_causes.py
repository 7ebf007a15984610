"""Exceptions as causes in words, whatever they are wrapped in."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest
import requests
import urllib3
import zhmcclient

from agent_under_test.dpm_agent.causes import cause_of
from harness.checks.says_why import CAUSES


def wrapped(inner: BaseException) -> Exception:
    """As zhmcclient hands a failed connection on: in urllib3's, in requests', in its own."""
    pool = urllib3.HTTPSConnectionPool("127.0.0.2")
    reason = urllib3.exceptions.ProtocolError("Connection aborted.", inner)
    outer = requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", reason))
    return zhmcclient.ConnectionError("words", outer)  # type: ignore[no-any-return]  # zhmcclient has no types


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "connection refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connection reset"),
        (http.client.RemoteDisconnected("x"), "connection closed without an answer"),
        (BrokenPipeError(errno.EPIPE, "x"), "connection closed (broken pipe)"),
        (http.client.IncompleteRead(b""), "connection closed in the middle of an answer"),
        (http.client.BadStatusLine("x"), "unexpected answer: no HTTP, connection closed"),
        (socket.gaierror(-2, "x"), "host name not found"),
        (TimeoutError(), "no answer in time (read timed out)"),
        (OSError(errno.EHOSTUNREACH, "x"), "unreachable, no route to it"),
        (OSError(errno.ENETUNREACH, "x"), "unreachable, no route to it"),
        (ssl.SSLCertVerificationError("x"), "certificate not accepted (verification failed)"),
        (ssl.SSLEOFError(8, "x"), "connection closed (EOF within TLS)"),
        (ssl.SSLError(1, "x"), "TLS failed (no reason given)"),
    ],
)
def test_the_innermost_cause_is_told_in_words_that_a_person_knows(inner: BaseException, words: str) -> None:
    assert cause_of(wrapped(inner)) == words
    assert CAUSES.search(words)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RecursionError(), "each new session is refused at once (recursion in the client)"),
        (KeyError("api-session"), "unexpected answer: its JSON is not what the HMC's API says (KeyError)"),
        (zhmcclient.ConnectTimeout("x", None, 30, 3), "connecting timed out"),
        (zhmcclient.ReadTimeout("x", None, 300, 0), "no answer in time (read timed out)"),
        (zhmcclient.ClientAuthError("x"), "access refused (no password)"),
        (zhmcclient.OperationTimeout("x", 600), "unexpected answer: not JSON of the HMC's API (OperationTimeout)"),
    ],
)
def test_what_comes_unwrapped_is_told_too(error: Exception, words: str) -> None:
    assert cause_of(error) == words
    assert CAUSES.search(words)


def test_an_exception_that_is_its_own_cause_ends() -> None:
    error = ValueError("a secret")
    error.args = (error,)
    assert "secret" not in cause_of(error)

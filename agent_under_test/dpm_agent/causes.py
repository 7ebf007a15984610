"""What went wrong between the agent and the HMC, in a few words that a person can act on.

Only the kinds of the exceptions, status and reason codes are used, never their texts: those may quote an answer of
the HMC, and an answer to a logon holds the session id.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import requests
import urllib3
import zhmcclient

_DEPTH: Final = 20
"""Chains of exceptions are a handful long; a chain that goes in a circle has to end."""


def cause_of(error: BaseException) -> str:
    """The cause in words."""
    chain = list(_chain(error))
    for kind, words in _CAUSES:
        found = next((item for item in chain if isinstance(item, kind)), None)
        if found is not None:
            return words(found)
    return f"unexpected answer: its JSON is not what the HMC's API says ({type(error).__name__})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was made of: causes, contexts, zhmcclient's details, urllib3's reasons, arguments."""
    todo, seen = [error], 0
    while todo and seen < _DEPTH:
        item = todo.pop(0)
        seen += 1
        yield item
        inner = (getattr(item, name, None) for name in ("details", "reason", "__cause__", "__context__"))
        todo += [other for other in (*inner, *item.args) if isinstance(other, BaseException)]


def _status(error: BaseException) -> str:
    status, reason = getattr(error, "http_status", "?"), getattr(error, "reason", "?")
    return f"status {status}, reason {reason}"


def _refused_logon(error: BaseException) -> str:
    body = getattr(error, "details", None)
    if (getattr(body, "http_status", None), getattr(body, "reason", None)) == (403, 0):
        return "user or password refused (status 403, reason 0)"
    return f"access refused ({_status(body) if body is not None else 'no password'})"


def _certificate(error: BaseException) -> str:
    return f"certificate not accepted ({getattr(error, 'verify_message', None) or 'verification failed'})"


def _not_parsed(error: BaseException) -> str:
    text = str(error)
    return "unexpected answer: " + (
        "unknown content type" if "content type" in text[:30] else "its JSON cannot be parsed"
    )


def _system(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return "unreachable, no route to it"
    return f"connection failed ({getattr(error, 'strerror', None) or type(error).__name__})"


def _always(words: str) -> Callable[[BaseException], str]:
    return lambda _error: words


_Kinds = type[BaseException] | tuple[type[BaseException], ...]

_CAUSES: Final[Sequence[tuple[_Kinds, Callable[[BaseException], str]]]] = (
    # What the HMC itself answered comes first, then the kinds from the most to the least telling: a refused
    # connection is wrapped in three others, and each kind of system error is an OSError.
    (zhmcclient.AuthError, _refused_logon),
    (zhmcclient.HTTPError, lambda error: f"unexpected answer: {_status(error)}"),
    (zhmcclient.ParseError, _not_parsed),
    (zhmcclient.NotFound, _always("unexpected answer: a resource was not found")),
    (RecursionError, _always("each new session is refused at once (recursion in the client)")),
    (
        (requests.TooManyRedirects, zhmcclient.RetriesExceeded),
        _always("too many redirects or retries"),
    ),
    (ConnectionRefusedError, _always("connection refused")),
    (ssl.SSLCertVerificationError, _certificate),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), _always("connection closed (EOF within TLS)")),
    (http.client.RemoteDisconnected, _always("connection closed without an answer")),  # is a ConnectionResetError, too
    (ConnectionResetError, _always("connection reset")),
    ((BrokenPipeError, ConnectionAbortedError), _always("connection closed (broken pipe)")),
    (
        (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead),
        _always("connection closed in the middle of an answer"),
    ),
    (socket.gaierror, _always("host name not found")),
    (
        (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError, zhmcclient.ConnectTimeout),
        _always("connecting timed out"),
    ),
    (
        (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, zhmcclient.ReadTimeout, TimeoutError),
        _always("no answer in time (read timed out)"),
    ),
    (ssl.SSLError, lambda error: f"TLS failed ({getattr(error, 'reason', None) or 'no reason given'})"),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), _always("TLS failed")),
    (http.client.HTTPException, _always("unexpected answer: no HTTP, connection closed")),
    (requests.exceptions.ContentDecodingError, _always("unexpected answer: its content cannot be decoded (parsed)")),
    (urllib3.exceptions.ProtocolError, _always("connection closed in the middle of an answer")),
    (requests.ConnectionError, _always("connection closed")),
    (OSError, _system),
    (zhmcclient.ConnectionError, _always("connection closed")),
    (zhmcclient.Error, lambda error: f"unexpected answer: not JSON of the HMC's API ({type(error).__name__})"),
)

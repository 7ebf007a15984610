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


class RedirectedAway(requests.RequestException):
    """An answer leads to another host or port, or out of TLS, and was not followed."""


def cause_of(error: BaseException) -> str:
    """The cause in words."""
    chain = list(_chain(error))
    for fits, words in _CAUSES:
        found = next(filter(fits, chain), None)
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


def _unreachable(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH)


def _system_error(error: BaseException) -> bool:
    """An error of the system itself; those of requests are OSErrors by descent, but have no number."""
    return isinstance(error, OSError) and error.errno is not None


def _a(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, kinds)


def _always(words: str) -> Callable[[BaseException], str]:
    return lambda _error: words


_CLOSED_MIDWAY: Final = _always("connection closed in the middle of an answer")

_CAUSES: Final[Sequence[tuple[Callable[[BaseException], bool], Callable[[BaseException], str]]]] = (
    # What the HMC itself answered comes first, then the kinds from the most to the least telling: a refused
    # connection is wrapped in three others, and each kind of system error is an OSError.
    (_a(zhmcclient.AuthError), _refused_logon),
    (_a(zhmcclient.HTTPError), lambda error: f"unexpected answer: {_status(error)}"),
    (_a(zhmcclient.ParseError), _not_parsed),
    (_a(zhmcclient.NotFound), _always("unexpected answer: a resource was not found")),
    (_a(RecursionError), _always("each new session is refused at once (recursion in the client)")),
    (_a(RedirectedAway), _always("unexpected answer: redirected to another address, which is not followed")),
    (_a(requests.TooManyRedirects, zhmcclient.RetriesExceeded), _always("too many redirects or retries")),
    (_a(ConnectionRefusedError), _always("connection refused")),
    (_a(ssl.SSLCertVerificationError), _certificate),
    (_a(ssl.SSLEOFError, ssl.SSLZeroReturnError), _always("connection closed (EOF within TLS)")),
    (_a(http.client.RemoteDisconnected), _always("connection closed without an answer")),  # and reset by descent
    (_a(ConnectionResetError), _always("connection reset")),
    (_a(BrokenPipeError, ConnectionAbortedError), _always("connection closed (broken pipe)")),
    (_a(http.client.IncompleteRead, urllib3.exceptions.IncompleteRead), _CLOSED_MIDWAY),
    (_a(socket.gaierror), _always("host name not found")),
    (_unreachable, _always("unreachable, no route to it")),
    (
        _a(requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError, zhmcclient.ConnectTimeout),
        _always("connecting timed out"),
    ),
    (
        _a(requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, zhmcclient.ReadTimeout, TimeoutError),
        _always("no answer in time (read timed out)"),
    ),
    (_a(ssl.SSLError), lambda error: f"TLS failed ({getattr(error, 'reason', None) or 'no reason given'})"),
    (_a(requests.exceptions.SSLError, urllib3.exceptions.SSLError), _always("TLS failed")),
    (_a(http.client.HTTPException), _always("unexpected answer: no HTTP, connection closed")),
    (_a(requests.exceptions.ContentDecodingError), _always("unexpected answer: its content cannot be parsed")),
    (_system_error, lambda error: f"connection failed, so closed ({getattr(error, 'strerror', '')})"),
    (_a(urllib3.exceptions.ProtocolError), _CLOSED_MIDWAY),
    (_a(requests.RequestException, OSError, zhmcclient.ConnectionError), _always("connection closed")),
    (_a(zhmcclient.Error), lambda error: f"unexpected answer: not JSON of the HMC's API ({type(error).__name__})"),
)

"""Makes stomp.py 8 fit to be a witness: one thread at a time at its TLS connection.

stomp.py before 9.0 reads a connection in one thread and writes it in others, without a lock, and OpenSSL allows no two
calls at the same time on one connection. When SSL_read finds nothing and SSL_write begins in the other thread before
SSL_get_error has looked, Python takes "nothing yet" for the end of the connection (python/cpython#77271). So, on two
CPUs, one to three of a hundred clients were lost between CONNECTED and SUBSCRIBE, whatever the server did
(jasonrbriggs/stomp.py#450, mended in 9.0 by #452). zhmcclient 1.26 takes none newer than 8.2.

A test that uses zhmcclient's notifications in its own process calls `mend` first. What is in a process of its own stays
as it was released; there `one_cpu` keeps its threads from being at it at the same time.
"""

from __future__ import annotations

import os
import random
import select
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import pytest
from stomp import exception, transport

MENDED_IN = 9
"""The major version of stomp.py that needs none of this."""
RECEIVE_BYTES = 1024
"""As stomp.py has it."""


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test, let stomp.py wait for bytes without touching TLS, and touch it under a lock only."""
    if int(version("stomp.py").partition(".")[0]) >= MENDED_IN:
        return
    monkeypatch.setattr(transport.Transport, "send", _send)
    monkeypatch.setattr(transport.Transport, "receive", _receive)


_chance = random.SystemRandom()
_locks_lock = threading.Lock()


def _lock_of(connection: Any) -> threading.Lock:
    with _locks_lock:
        lock: threading.Lock = connection.__dict__.setdefault("_one_at_a_time", threading.Lock())
        return lock


def _send(self: Any, encoded_frame: bytes) -> None:
    connection = self.socket
    if connection is None:
        raise exception.NotConnectedException
    with _lock_of(self):
        connection.sendall(encoded_frame)


def _receive(self: Any) -> bytes:
    """The bytes that are there, once there are any; none when the connection has ended.

    Raises:
        InterruptedException: look again. stomp.py's loop does.
    """
    connection = self.socket
    timeout_s = connection.gettimeout()
    if not connection.pending():
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        if not poll.poll(None if timeout_s is None else timeout_s * 1000):
            raise TimeoutError("the HMC has sent nothing for so long, not even a heart-beat")
    with _lock_of(self):
        connection.setblocking(False)
        try:
            return bytes(connection.recv(RECEIVE_BYTES))
        except ssl.SSLWantReadError as error:
            raise exception.InterruptedException from error
        finally:
            connection.settimeout(timeout_s)


@contextmanager
def one_cpu() -> Iterator[None]:
    """Processes that are started here by this thread have one CPU for all of their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_chance.choice(sorted(before))})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

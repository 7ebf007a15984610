"""Closing what a trial left connected.

mitmproxy has no public way to close a client's connection. A socket that is shut down looks to it as if the other
side had closed, so it clears up by itself.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat


def shut_down_connections() -> None:
    """Shut down every connected internet socket of this process, which serves one trial at a time."""
    for fd in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):  # gone by now, or not connected
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                _shut_down(fd)


def _shut_down(fd: int) -> None:
    # A copy, since closing it at the end must not close mitmproxy's own.
    with socket.socket(fileno=os.dup(fd)) as connection:
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.shutdown(socket.SHUT_RDWR)

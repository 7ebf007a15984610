"""Closing what a trial left connected.

mitmproxy has no public way to close a client's connection. A socket that is shut down looks to it as if the other
side had closed, so it clears up by itself.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Collection


def shut_down_connections(to_us_only: Collection[int] | None = None) -> None:
    """Shut down every connected internet socket of this process, which serves one trial at a time.

    With `to_us_only` those alone that somebody made to one of these ports, and not our own to the HMC.
    """
    for fd in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):  # gone by now, or not connected
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                _shut_down(fd, to_us_only)


def _shut_down(fd: int, to_us_only: Collection[int] | None) -> None:
    # A copy, since closing it at the end must not close mitmproxy's own.
    with socket.socket(fileno=os.dup(fd)) as connection:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return
        is_listening = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if to_us_only is None or (not is_listening and connection.getsockname()[1] in to_us_only):
            connection.shutdown(socket.SHUT_RDWR)

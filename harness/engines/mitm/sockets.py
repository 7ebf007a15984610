"""What mitmproxy has no public way for: to close what a trial left connected, and to reset a client.

A socket that is shut down looks to mitmproxy as if the other side had closed, so it clears up by itself.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
from collections.abc import Collection, Iterator

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)
"""A struct linger: on, and no second to wait. What is closed so is reset (RST)."""


def shut_down_connections(to_us_only: Collection[int] | None = None) -> None:
    """Shut down every connected internet socket of this process, which serves one trial at a time.

    With `to_us_only` those alone that somebody made to one of these ports, and not our own to the HMC.
    """
    for connection in _internet_sockets():
        with contextlib.suppress(OSError):  # not connected
            is_listening = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if to_us_only is None or (not is_listening and connection.getsockname()[1] in to_us_only):
                connection.shutdown(socket.SHUT_RDWR)


def reset_when_closed(here: tuple[str, int], there: tuple[str, int]) -> bool:
    """Whoever closes the connection between these two addresses resets it; tells whether there is one."""
    found = False
    for connection in _internet_sockets():
        with contextlib.suppress(OSError):  # not connected
            if (connection.getsockname(), connection.getpeername()) == (here, there):
                # An option is the connection's: mitmproxy's own socket has it, too.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
                found = True
    return found


def _internet_sockets() -> Iterator[socket.socket]:
    """Copies of this process's, one at a time, since closing them afterwards must not close mitmproxy's own."""
    for fd in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):  # gone by now
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
            with socket.socket(fileno=os.dup(fd)) as connection:
                if connection.family in (socket.AF_INET, socket.AF_INET6):
                    yield connection

"""Waits for an answer without the library, and then executes, as the same process, a program that has it.

``bare_then_warped.py HOST PORT SECONDS``; what to preload at the end is in LIBRARY. Standard library only.
"""

from __future__ import annotations

import os
import socket
import sys

host, port, seconds = sys.argv[1:]
with socket.create_connection((host, int(port)), timeout=float(seconds)) as connection:
    connection.sendall(b"?")
    try:
        connection.recv(1)
    except TimeoutError:
        print("ERROR no answer from the HMC", file=sys.stderr, flush=True)
os.execve("/bin/sh", ["sh", "-c", "exit 1"], {**os.environ, "LD_PRELOAD": os.environ["LIBRARY"]})  # noqa: S606

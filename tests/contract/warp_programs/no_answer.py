"""An agent of the standard library: ``no_answer.py HOST PORT SECONDS`` waits so long for an answer, and gives up."""

from __future__ import annotations

import socket
import sys
import threading

host, port, seconds = sys.argv[1:]
threading.Event().wait(float(seconds) / 2)
with socket.create_connection((host, int(port)), timeout=float(seconds)) as connection:
    connection.sendall(b"?")
    try:
        connection.recv(1)
    except TimeoutError:
        sys.exit(f"ERROR no answer from the HMC to Python {sys.version_info[0]}.{sys.version_info[1]}")

"""Takes a run's proxies off a Toxiproxy server: ``python -I -S toxiproxy_keeper.py HOST PORT PREFIX``.

It says ``ready``, and waits for SIGTERM, which its guard sends when the run ends in whatever way. Nothing but the
standard library: it has to be done within the guard's grace.
"""

from __future__ import annotations

import http.client
import json
import signal
import sys
from urllib.parse import quote

ANSWER_S = 1.0


def main(host: str, port: str, prefix: str) -> None:
    """Wait, and take them off."""
    # Before anybody hears that it is ready: from then on the signal finds somebody who waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM})
    try:
        for name in json.loads(ask(host, int(port), "GET", "/proxies")):
            if name.startswith(prefix):
                ask(host, int(port), "DELETE", f"/proxies/{quote(name)}")
    except ConnectionRefusedError:
        pass  # the server has gone, and all proxies with it


def ask(host: str, port: int, method: str, path: str) -> bytes:
    """What the server answers."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    finally:
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

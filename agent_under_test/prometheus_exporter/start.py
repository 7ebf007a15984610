"""Starts the unmodified zhmc-prometheus-exporter, listening on one loopback address instead of on all addresses.

Usage: ``<its venv>/bin/python start.py 127.0.0.9 <the exporter's own arguments>``

Exporter 2.4.0 calls ``start_http_server(port=port)`` of its vendored prometheus_client, whose parameter ``addr``
defaults to 0.0.0.0; no option and no configuration key reaches it. This fills in that one parameter and then runs the
exporter's own ``main()``; nothing else of it is touched. Should a later version start its server in another way, the
guard ends the process before it listens anywhere else.
"""

from __future__ import annotations

import errno
import functools
import importlib
import ipaddress
import sys


def main(arguments: list[str]) -> None:
    """Run the exporter with its server on the address that comes first among the arguments.

    Raises:
        SystemExit: the address is not a loopback one, or the exporter ended; its status is handed on.
    """
    if not arguments or not _is_loopback(arguments[0]):
        raise SystemExit(
            f"start.py: the first argument must be a loopback address such as 127.0.0.9, not {arguments[:1]}"
        )
    sys.addaudithook(_refuse_to_listen_elsewhere)
    exporter = importlib.import_module("zhmc_prometheus_exporter.zhmc_prometheus_exporter")
    listening = functools.partial(exporter.start_http_server, addr=arguments[0])
    vars(exporter)["start_http_server"] = listening
    sys.argv = ["zhmc_prometheus_exporter", *arguments[1:]]
    exporter.main()


def _refuse_to_listen_elsewhere(event: str, details: tuple[object, ...]) -> None:
    """An audit hook: it sees each bind() of the process, whoever calls it. Unix sockets have no tuple as address."""
    if event != "socket.bind" or not isinstance(details[1], tuple):
        return
    host = str(details[1][0])
    if not _is_loopback(host):
        raise PermissionError(
            errno.EACCES, f"start.py: the exporter wants to listen on {host!r}, which is no loopback address"
        )


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])

"""Run by Neutron's interpreter: Neutron's WSGI application under waitress. ``serve_api.py HOST PORT NEUTRON_CONF``."""

import sys

from sqlite_turns import take_turns
from waitress import serve

THREADS = 4


def main() -> None:
    """Serve until SIGTERM."""
    take_turns()
    host, port, conf = sys.argv[1:]
    # The application reads the options of its own program.
    sys.argv = ["neutron-api", "--config-file", conf]
    from neutron.wsgi.api import application  # noqa: PLC0415 - its import is its start

    serve(application, host=host, port=int(port), threads=THREADS)


if __name__ == "__main__":
    main()

"""Run by Neutron's interpreter: neutron-rpc-server. ``serve_rpc.py NEUTRON_CONF``."""

import gc
import os
import sys

from sqlite_turns import take_turns


def main() -> None:
    """Serve until SIGTERM."""
    take_turns()
    # Its workers are forks: what the garbage collector does not look at again stays shared memory.
    os.register_at_fork(before=gc.freeze)
    sys.argv = ["neutron-rpc-server", "--config-file", sys.argv[1]]
    from neutron.cmd.server import main_rpc  # noqa: PLC0415 - its import chooses threads or eventlet for the process

    main_rpc()


if __name__ == "__main__":
    main()

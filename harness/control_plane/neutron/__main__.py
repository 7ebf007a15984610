"""``python -m harness.control_plane.neutron``: a real Neutron on loopback, until its standard input or Ctrl-C ends it.

Exit status: 0 when told to end; 1 if a part did not start or ended by itself; 2 if an option is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from harness.control_plane.neutron.addresses import Addresses
from harness.control_plane.neutron.installed import find_openstack
from harness.control_plane.neutron.keeper import Keeper, Order
from harness.control_plane.neutron.kept import DATABASE
from harness.control_plane.neutron.wishes import Wishes
from harness.errors import HarnessError

AGENT_DOWN_TIME_S = 75
"""Neutron's own default."""

WORDS = """\
Neutron's API:     {api}/v2.0/agents, {api}/v2.0/ports (no authentication)
The message bus:   {bus}
Read an agent:     {openstack} --os-auth-type none --os-endpoint {api} network agent list
Logs and data:     {folder}
It ends with Ctrl-C, and leaves nothing behind.
"""


def main() -> int:
    """Keep one until told to end; returns the exit status."""
    try:
        return asyncio.run(_keep(_options()))
    except HarnessError as error:
        print(f"neutron: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m harness.control_plane.neutron", description="A real Neutron.")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the project's folder (default: this one)")
    down = "Neutron's agent_down_time in whole seconds (default: 75, Neutron's own)"
    parser.add_argument("--agent-down-time", type=_seconds, default=AGENT_DOWN_TIME_S, metavar="S", help=down)
    database = "SQLAlchemy's URL of an empty database (default: an SQLite file of its own)"
    parser.add_argument("--database", default=os.environ.get(DATABASE, ""), metavar="URL", help=database)
    # What the harness's own processes use; a person has no need of it.
    parser.add_argument("--held", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


async def _keep(options: argparse.Namespace) -> int:
    wishes = Wishes(agent_down_time_s=options.agent_down_time)
    order = Order(root=options.root.absolute(), wishes=wishes, database=options.database)
    loop, me = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        # Once only: the lease's end and a signal may both come, and the second must not cut the clearing up short.
        if me is not None and not me.cancelling():
            me.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    if options.held:
        loop.add_reader(0, _hear, stop)
    keeper = Keeper(order)
    try:
        async with keeper as addresses:
            print(addresses.to_text() if options.held else _words(addresses, order.root), flush=True)
            raise HarnessError(await keeper.ended())
    except asyncio.CancelledError:
        return 0


def _hear(stop: Callable[[], None]) -> None:
    """Standard input is the lease."""
    if not os.read(0, 65536):
        asyncio.get_running_loop().remove_reader(0)
        stop()


def _seconds(text: str) -> int:
    """At least one.

    Raises:
        ArgumentTypeError: it is no such number.
    """
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of seconds from 1 on")
    return int(text)


def _words(addresses: Addresses, root: Path) -> str:
    bus = addresses.transport_url(addresses.bus_host, addresses.bus_port)
    openstack = find_openstack(root)
    return WORDS.format(api=addresses.api_url, bus=bus, folder=addresses.folder, openstack=openstack)


if __name__ == "__main__":
    sys.exit(main())

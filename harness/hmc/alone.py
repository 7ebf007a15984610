"""Runs a mock HMC alone: ``python -m harness.hmc --inventory scenarios/inventories/two-nics.yaml``.

Prints what to type to use it. The password is made anew and lies in a file that only its owner can read; it is never
printed. SIGINT (Ctrl-C) or SIGTERM ends it and removes its files.

Off loopback (``--listen-anywhere``), as in a container, clients may know it by another name than the one that it
listens to: ``--reached-as`` puts that into its certificate, and ``--files`` puts what clients need where they see it.

Exit status: 0 ended when asked; 2 the options, the inventory or the address cannot be used.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import gc
import ipaddress
import logging
import re
import secrets
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadInput
from harness.hmc import HMC_PORT, HmcObserver, Inventory, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.behaviour_options import add_behaviour_options, settings_of
from harness.hmc.client_files import ClientFiles, client_files
from harness.hmc.notifications import STOMP_PORT

CONTROL_PORT = 6795
"""Of the control interface, if nobody says otherwise."""

PORT_DIGITS = 5
HOST_NAME = r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"
"""Not compiled until somebody gives a name: that takes as long as ten modules."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @classmethod
    def parse_control(cls, text: str) -> Address:
        """Read what ``--control`` gives.

        Raises:
            BadInput: no address or port, or one off loopback, for which there is no leave.
        """
        return cls.parse(text, anywhere=False, option="--control", default_port=CONTROL_PORT)

    @classmethod
    def parse(cls, text: str, *, anywhere: bool, option: str = "--listen", default_port: int = HMC_PORT) -> Address:
        """Read ``IP:PORT`` or ``IP``, as an option gives it.

        Raises:
            BadInput: no address or port, or one off loopback without leave.
        """
        host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        if not colon:
            host, port = text, str(default_port)
        try:
            ip = ipaddress.ip_address(host.strip("[]"))
        except ValueError as error:
            example = f"127.0.0.5:{default_port}"
            raise BadInput(f"{option} {text}: {error}; write an IP address and a port, as in {example}") from error
        if not port.isdecimal() or len(port) > PORT_DIGITS or int(port) > 65535:
            raise BadInput(f"{option} {text}: {port!r} is no port; write one from 0 (any that is free) to 65535")
        if not ip.is_loopback and not anywhere:
            leave = ", or say --listen-anywhere" if option == "--listen" else ""
            raise BadInput(
                f"{option} {text}: {ip} can be reached from other machines, and this HMC is no safe one; "
                f"use an address that begins with 127.{leave}"
            )
        return cls(str(ip), int(port))

    def names(self, reached_as: Sequence[str]) -> list[str]:
        """What the certificate has to name: what clients write, and the address itself where it is one.

        Raises:
            BadInput: every address is listened to, and nobody said which one clients write.
        """
        if not ipaddress.ip_address(self.host).is_unspecified:
            return list(dict.fromkeys([*reached_as, self.host]))
        if not reached_as:
            raise BadInput(
                f"--listen {self.host}: that is every address, and no certificate can name it; "
                "say what clients write, as in --reached-as 127.0.0.1"
            )
        return list(dict.fromkeys(reached_as))


def host_name(text: str) -> str:
    """Read what a client writes for this HMC: an IP address or a host name, without a port.

    Raises:
        argparse.ArgumentTypeError: it is neither.
    """
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(text))
    if not re.fullmatch(HOST_NAME, text) or text.rpartition(".")[2].isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address or host name; write one as in 127.0.0.1, no port")
    return text


def main() -> int:
    """Run with the command line's options until a signal comes; the exit status."""
    return run(read_options())


def run(options: argparse.Namespace) -> int:
    """Run with these options until a signal comes; the exit status."""
    logging.basicConfig(format="%(levelname)s: %(message)s")
    try:
        address = Address.parse(options.listen, anywhere=options.listen_anywhere)
        names = address.names(options.reached_as)
        asyncio.run(_serve(Inventory.load(options.inventory), address, names, options))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line; ends the program where it is none."""
    parser = argparse.ArgumentParser(prog="python -m harness.hmc", description="A mock HMC over TLS.")
    add_options(parser)
    return parser.parse_args(arguments)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a mock HMC that runs alone."""
    parser.add_argument("--inventory", required=True, metavar="FILE", help="what the HMC contains")
    parser.add_argument("--listen", default=f"127.0.0.1:{HMC_PORT}", metavar="IP:PORT", help="default: %(default)s")
    parser.add_argument("--listen-anywhere", action="store_true", help="allow an address off loopback")
    parser.add_argument(
        "--reached-as",
        action="append",
        default=[],
        type=host_name,
        metavar="HOST",
        help="what clients write for it, where that is not the address of --listen, as behind a published port of a "
        "container; the certificate names it; may be given several times",
    )
    parser.add_argument(
        "--files",
        type=Path,
        metavar="FOLDER",
        help="where the certificate to trust and the password are put, and taken away at the end "
        "(default: a new folder that only you can enter)",
    )
    parser.add_argument(
        "--stomp",
        type=int,
        metavar="PORT",
        help=f"send notifications from this port, as a real HMC does from {STOMP_PORT}; 0 is any that is free "
        "(default: no notifications)",
    )
    parser.add_argument(
        "--control",
        metavar="IP:PORT",
        help="let `harness hmc control` do what somebody else does to the HMC; on loopback only (default: nobody can)",
    )
    parser.add_argument("--user", default="zhmc", help="name of its only user (default: %(default)s)")
    add_behaviour_options(parser)


async def _serve(inventory: Inventory, address: Address, names: list[str], options: argparse.Namespace) -> None:
    password = secrets.token_urlsafe()
    settings = settings_of(options, password)
    ca = ThrowawayCa()
    control = _Controlled(Address.parse_control(options.control)) if options.control is not None else None
    hmc = MockHmc(inventory, settings, control.observer if control else NullObserver(), ca)
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(hmc.close)
        gc.freeze()  # what a large inventory is made of lives as long as we do; to look through it takes up to a second
        port = await _start(hmc, address, names, options.stomp)
        # Not before it listens: the files may be those of another one that has the address.
        files = stack.enter_context(client_files(options.files, ca.ca_pem, password))
        controlled = await control.start(hmc, stack) if control else ""
        print(how_to_use(inventory.name, names[0], port, options.user, files), flush=True)
        if hmc.stomp_port is not None:
            print(f"Notifications: STOMP over TLS at {names[0]}:{hmc.stomp_port}.", flush=True)
        if controlled:
            print(controlled, flush=True)
        await asked.wait()
    print("The mock HMC has ended.", flush=True)


class _Controlled:
    """The control interface of this HMC, for who asked for it; its modules are a hundredth of the time until ready."""

    def __init__(self, address: Address) -> None:
        from harness.hmc.control import RequestJournal  # noqa: PLC0415 - see above

        self._address = address
        self._journal = RequestJournal(NullObserver())

    @property
    def observer(self) -> HmcObserver:
        """What the HMC tells of its requests."""
        return self._journal

    async def start(self, hmc: MockHmc, stack: contextlib.AsyncExitStack) -> str:
        """Listen until the stack closes; what a person types to use it."""
        from harness.hmc.control import Control, ControlServer  # noqa: PLC0415 - as above

        host, port = self._address.host, self._address.port
        server = ControlServer(Control(hmc, self._journal))
        stack.push_async_callback(server.close)
        try:
            taken = await server.start(host, port)
        except OSError as error:
            raise BadInput(f"--control {host}:{port}: {error.strerror}; give another address") from error
        return f"Control: harness hmc control --at {host}:{taken} --help"


async def _start(hmc: MockHmc, address: Address, names: list[str], stomp_port: int | None) -> int:
    try:
        return await hmc.start(address.host, address.port, stomp_port=stomp_port, reached_as=names)
    except OSError as error:
        where = f"{address.host}:{address.port}"
        if error.errno == errno.EADDRINUSE:
            advice = f"{where} is in use by another program; end it, or give another address with --listen"
        else:
            advice = f"cannot listen on {where}: {error.strerror}; give another address with --listen"
        raise BadInput(advice) from error


def how_to_use(inventory: str, host: str, port: int, user: str, files: ClientFiles) -> str:
    """What a person types to use this HMC."""
    lines = [
        f"Mock HMC with inventory {inventory} at https://{host}:{port}; Ctrl-C ends it.",
        f"User {user}; password in {files.password}; certificate to trust in {files.ca}.",
    ]
    if port == HMC_PORT:
        lines += [
            "With zhmccli installed, type in another terminal:",
            f'  export ZHMC_PASSWORD="$(cat {files.password})"',
            f"  zhmc -h {host} -u {user} -c {files.ca} cpc list",
        ]
    else:
        lines += [
            f"The zhmc command speaks to port {HMC_PORT} only. In Python:",
            f'  zhmcclient.Session("{host}", "{user}", open("{files.password}").read(), '
            f'port={port}, verify_cert="{files.ca}")',
        ]
    return "\n".join(lines)

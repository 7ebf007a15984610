"""``harness hmc ...``: what one does with a mock HMC that is no trial.

harness hmc run --inventory FILE ...       the same as python -m harness.hmc
harness hmc control WORD ... [--at PLACE]  what somebody else does to it, while it runs with --control
harness hmc generate --cpcs N ...          write a large inventory
harness hmc record HOST --user NAME ...    write the inventory of a real HMC, without its names
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml
import zhmcclient

from harness.errors import BadInput
from harness.hmc import HMC_PORT
from harness.hmc.alone import CONTROL_PORT, PORT_DIGITS
from harness.hmc.alone import add_options as alone_options
from harness.hmc.alone import run as run_alone
from harness.hmc.control import ask
from harness.hmc.control.known import check_plain
from harness.hmc.control.table import WORDS, Parameter, Word
from harness.hmc.inventories.file import as_text, write
from harness.hmc.inventories.generate import Size, generate
from harness.hmc.inventories.record import record

CONTROL_PLACE = f"127.0.0.1:{CONTROL_PORT}"
"""Where `--control` listens and `control` asks, if nobody says otherwise."""
PASSWORD = "HMC_PASSWORD"  # noqa: S105 - the name of an environment variable


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the commands to ``harness hmc``; each sets `run`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    alone = commands.add_parser("run", help="run a mock HMC until Ctrl-C")
    alone_options(alone)
    alone.set_defaults(run=run_alone)
    _add_control(commands.add_parser("control", help="do what somebody else does to a mock HMC that runs"))
    _add_generate(commands.add_parser("generate", help="write a large inventory"))
    _add_record(commands.add_parser("record", help="write the inventory of a real HMC, without its names"))


def _add_control(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", default=CONTROL_PLACE, metavar="IP:PORT", help="default: %(default)s")
    words = parser.add_subparsers(required=True, metavar="WORD", dest="word")
    for word in WORDS.values():
        _add_word(words.add_parser(word.name, help=word.says, description=word.says), word)
    parser.set_defaults(run=_control)


def _add_word(parser: argparse.ArgumentParser, word: Word) -> None:
    for item in word.parameters:
        if item.kind is dict:
            parser.add_argument(item.name, nargs="+", metavar="NAME=VALUE", type=_pair, help="the value is YAML")
        elif item.required:
            parser.add_argument(item.name, type=item.kind, metavar=item.name.upper())
        elif item.kind is bool:
            parser.add_argument(f"--{item.name.replace('_', '-')}", dest=item.name, action="store_true")
        else:
            flag = f"--{item.name.replace('_', '-')}"
            parser.add_argument(flag, dest=item.name, type=item.kind, default=item.default, metavar="N")


def _add_generate(parser: argparse.ArgumentParser) -> None:
    size = Size()
    parser.add_argument("--cpcs", type=int, default=size.cpcs, metavar="N", help="default: %(default)s")
    parser.add_argument("--partitions", type=int, default=size.partitions, metavar="M", help="of each CPC")
    parser.add_argument("--nics", type=int, default=size.nics, metavar="K", help="of each partition")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the same one gives the same inventory")
    _add_output(parser)
    parser.set_defaults(run=_generate)


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", metavar="HOST", help="name or address of the HMC")
    parser.add_argument("--port", type=int, default=HMC_PORT, metavar="PORT", help="default: %(default)s")
    parser.add_argument("--user", required=True, metavar="NAME", help="an HMC user who may see all that is to be taken")
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="the certificate to trust (default: the well-known ones)"
    )
    parser.add_argument("--keep-names", action="store_true", help="keep names, addresses, WWPNs and serial numbers")
    parser.description = f"The password is taken from the environment variable {PASSWORD}, or asked for."
    _add_output(parser)
    parser.set_defaults(run=_record)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="default: standard output, as YAML; as JSON, which loads much faster, where the name ends in .json",
    )


def _control(options: argparse.Namespace) -> int:
    host, colon, port = options.at.rpartition(":")
    if not colon or not port.isdecimal() or len(port) > PORT_DIGITS:
        raise BadInput(f"--at {options.at}: write an address and a port, as in {CONTROL_PLACE}")
    word = WORDS[options.word]
    told = {item.name: _told(item, getattr(options, item.name)) for item in word.parameters}
    result = ask(host, int(port), word.name, word.checked(told))
    if result is not None:
        print(json.dumps(result, indent=2))
    return 0


def _told(parameter: Parameter, value: Any) -> object:
    return dict(value) if parameter.kind is dict else value


def _pair(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, as in status=stopped")
    try:
        read = yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"{text!r}: the value is no YAML; put text in quotes") from error
    try:
        check_plain(f"{text!r}: what YAML reads here", read)
    except BadInput as error:
        raise argparse.ArgumentTypeError(f"{error}, as in {name}='\"{value}\"'") from error
    return name, read


def _generate(options: argparse.Namespace) -> int:
    size = Size(cpcs=options.cpcs, partitions=options.partitions, nics=options.nics)
    _put(generate(size, options.seed), options.output)
    return 0


def _record(options: argparse.Namespace) -> int:
    password = os.environ.get(PASSWORD) or _asked(f"Password of {options.user} at {options.host}: ")
    trusted = str(options.ca) if options.ca else True
    session = zhmcclient.Session(options.host, options.user, password, port=options.port, verify_cert=trusted)
    try:
        definition = record(session, anonymous=not options.keep_names)
    finally:
        session.logoff()
    _put(definition, options.output)
    return 0


def _asked(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        print(file=sys.stderr)  # what was asked ends its line
        raise BadInput(f"nobody gives a password here; set the environment variable {PASSWORD}") from error


def _put(definition: dict[str, Any], path: Path | None) -> None:
    if path is None:
        sys.stdout.write(as_text(definition, as_json=False))
    else:
        write(definition, path)

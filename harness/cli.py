"""The command-line door: `harness COMMAND`, for what is not a test run."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import HarnessError
from harness.hmc.command import add_commands as add_hmc_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    line = sys.argv[1:] if arguments is None else arguments
    options = _parser(line).parse_args(line)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        sys.stdout.flush()
    except HarnessError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` has; what is left in the buffer must not fail at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return status


def _parser(line: Sequence[str]) -> argparse.ArgumentParser:
    """Knows the commands that may be meant by this line."""
    parser = argparse.ArgumentParser(prog="harness", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the project's folder (default: here)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    hmc = commands.add_parser("hmc", help="a mock HMC by itself: run it, control it, write inventories for it")
    add_hmc_commands(hmc)
    if line[:1] != ["hmc"]:
        from harness.cli_commands import add_commands  # noqa: PLC0415 - imports every room; a mock HMC needs only its own

        add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())

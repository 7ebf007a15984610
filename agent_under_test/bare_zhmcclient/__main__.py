"""Does one thing with an HMC; its last line holds the exception's class and the seconds that passed.

Exit status: 0 if it worked, 1 if zhmcclient raised an exception. The password is in the environment: HMC_PASSWORD.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
import zhmcclient
from stomp.exception import StompException

from agent_under_test.bare_zhmcclient.listening import LISTENING

_DEFAULTS = zhmcclient.RetryTimeoutConfig()
_LIMITS = ("connect_timeout", "connect_retries", "read_timeout", "read_retries", "max_redirects", "operation_timeout",
           "status_timeout")  # fmt: skip


def log_on_and_list(session: Any, options: argparse.Namespace) -> None:
    """Log on, and list the CPCs."""
    del options
    zhmcclient.Client(session).cpcs.list()


def get_for_ever(session: Any, options: argparse.Namespace) -> None:
    """List the CPCs, again and again."""
    client = zhmcclient.Client(session)
    while True:
        client.cpcs.list()
        time.sleep(options.pause)


def endure(session: Any, options: argparse.Namespace) -> None:
    """List the CPCs, again and again; what fails is told and tried again with the session as it is."""
    _list_for_ever(session, options, lambda: None)


def renew(session: Any, options: argparse.Namespace) -> None:
    """The same, but after each failure the session is verified, and logged on again where that fails."""
    _list_for_ever(session, options, lambda: session.logon(verify=True))


def _list_for_ever(session: Any, options: argparse.Namespace, prepare: Callable[[], None]) -> None:
    client, failed = zhmcclient.Client(session), False
    while True:
        try:
            if failed:
                prepare()
            client.cpcs.list()
            failed = False
        except zhmcclient.Error as error:
            failed = True
            _say(f"WARNING {options.deed}: {_name(error)} at {session.actual_host}", sys.stderr)
        time.sleep(options.pause)


def start_partition(session: Any, options: argparse.Namespace) -> None:
    """Start a partition in DPM mode and wait until the job is done."""
    _cpc(session, options).partitions.find(name=options.partition).start(wait_for_completion=True)


def activate_lpar(session: Any, options: argparse.Namespace) -> None:
    """Activate an LPAR in classic mode, wait until the job is done and then for its status."""
    _cpc(session, options).lpars.find(name=options.lpar).activate(wait_for_completion=True)


DEEDS: Mapping[str, Callable[[Any, argparse.Namespace], None]] = {
    "list": log_on_and_list,
    "loop": get_for_ever,
    "endure": endure,
    "renew": renew,
    "start-partition": start_partition,
    "activate-lpar": activate_lpar,
}


def main() -> int:
    """Do it; returns the exit status."""
    options = _options()
    session = zhmcclient.Session(
        options.host if len(options.host) > 1 else options.host[0],
        options.user,
        os.environ["HMC_PASSWORD"],
        port=options.port,
        verify_cert=options.ca_certs,
        retry_timeout_config=zhmcclient.RetryTimeoutConfig(**{name: getattr(options, name) for name in _LIMITS}),
    )
    began = time.monotonic()
    try:
        if options.deed in LISTENING:
            LISTENING[options.deed](session, options, lambda text: print(text, flush=True))
        else:
            DEEDS[options.deed](session, options)
    except (zhmcclient.Error, requests.RequestException, StompException) as error:
        _say(f"ERROR {options.deed}: {_name(error)} after {time.monotonic() - began:.2f} s", sys.stderr)
        return 1
    _say(f"INFO {options.deed}: done after {time.monotonic() - began:.2f} s", sys.stdout)
    return 0


def _cpc(session: Any, options: argparse.Namespace) -> Any:
    return zhmcclient.Client(session).cpcs.find(name=options.cpc)


def _name(error: BaseException) -> str:
    """The exception's class, and those of what it was made of, each from the one before."""
    names, inner = [type(error).__name__], _inner(error)
    while inner is not None and len(names) < 5:
        names.append(type(inner).__name__)
        inner = _inner(inner)
    return " of ".join(names)


def _inner(error: BaseException) -> BaseException | None:
    given = (getattr(error, "details", None), getattr(error, "reason", None), *error.args)
    return next((item for item in given if isinstance(item, BaseException)), None)


def _say(text: str, stream: Any) -> None:
    print(f"{text} (zhmcclient {zhmcclient.__version__})", file=stream, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bare_zhmcclient", description=__doc__)
    parser.add_argument("deed", choices=[*DEEDS, *LISTENING])
    parser.add_argument("--host", action="append", required=True, help="once more for an alternate HMC")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--ca-certs", required=True)
    parser.add_argument("--cpc", default="cpc-1")
    parser.add_argument("--partition", default="part-idle")
    parser.add_argument("--lpar", default="LPAR3")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two turns of the loop")
    parser.add_argument("--heartbeat", type=float, default=5.0, help="seconds between STOMP heart-beats; 0: none")
    for name in _LIMITS:
        default = getattr(_DEFAULTS, name)
        kind = float if name.endswith("_timeout") else int
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, type=kind, default=default)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

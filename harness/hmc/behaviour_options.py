"""Options of a mock HMC that runs alone: how it behaves, apart from what it contains and where it is reached."""

from __future__ import annotations

import argparse
import math
import secrets

from harness.hmc.settings import HmcSettings, Limits

BEGINS_MS = 1_735_689_600_000
"""Time of day at the start of an HMC with a seed: 2025-01-01, 00:00 UTC."""


def add_behaviour_options(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--job-seconds",
        type=_seconds,
        default=0.0,
        metavar="N",
        help="how long jobs take (default: %(default)s); zhmcclient looks every 10 s, so more than 0 costs it 10 s",
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="the same requests give the same ids, times and bytes; who knows the seed knows the ids of sessions "
        "(default: ids that nobody can guess, and the real time)",
    )
    limits = parser.add_argument_group("limits", "of each port, for clients that never finish")
    limits.add_argument(
        "--request-timeout",
        type=_seconds,
        default=Limits().request_s,
        metavar="SECONDS",
        help="hang up on who takes longer for a handshake, a request's head, its body, a logon to the message broker, "
        "or to read a part of a large answer (default: %(default)g); 0 is never",
    )
    limits.add_argument(
        "--max-connections",
        type=_count,
        default=Limits().connections,
        metavar="N",
        help="for one more the client that was silent for the longest is hung up on (default: %(default)s)",
    )
    session = parser.add_argument_group("sessions", "of --user; users of the inventory have settings of their own")
    session.add_argument(
        "--session-idle",
        type=_seconds,
        default=6 * 3600.0,
        metavar="SECONDS",
        help="end a session that was not used for so long (default: %(default)g); 0 is never",
    )
    session.add_argument("--max-sessions", type=_count, metavar="N", help="allow so many (default: no limit)")
    session.add_argument(
        "--max-failed-logons", type=_count, metavar="N", help="lock the user out after so many (default: never)"
    )
    session.add_argument(
        "--locked-out", type=_seconds, default=60.0, metavar="SECONDS", help="for so long (default: %(default)g)"
    )


def settings_of(options: argparse.Namespace, password: str) -> HmcSettings:
    """What they say."""
    return HmcSettings(
        users={options.user: password},
        job_seconds=options.job_seconds,
        session_idle_s=options.session_idle or math.inf,
        max_sessions=options.max_sessions,
        max_failed_logons=options.max_failed_logons,
        locked_out_s=options.locked_out,
        limits=Limits(request_s=options.request_timeout or None, connections=options.max_connections),
        seed=secrets.randbits(256) if options.seed is None else options.seed,
        begins_ms=None if options.seed is None else BEGINS_MS,
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} has to be 0 or more")
    return seconds


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} has to be a number from 1 on")
    return int(text)

"""What a program does that listens to an HMC's notifications: with zhmcclient's two ways to do so, and none of its own.

Both go on for ever, as zhmcclient's own examples do, and say in one line each what comes and what goes wrong.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
import zhmcclient
from stomp.exception import StompException

Say = Callable[[str], None]


def watch(session: Any, options: argparse.Namespace, say: Say) -> None:
    """Tell each notification that a NotificationReceiver brings; after an error listen again, as its example does."""
    session.logon()
    receiver = zhmcclient.NotificationReceiver(
        session.object_topic,
        session.actual_host,
        options.user,
        os.environ["HMC_PASSWORD"],
        stomp_rt_config=zhmcclient.StompRetryTimeoutConfig(
            connect_timeout=options.connect_timeout,
            connect_retries=options.connect_retries,
            heartbeat_send_cycle=options.heartbeat,
            heartbeat_receive_cycle=options.heartbeat,
        ),
        verify_cert=options.ca_certs,
    )
    while True:
        try:
            for headers, message in receiver.notifications():
                say(f"INFO watch: {_told(headers, message)}")
        # An OSError, such as ssl.SSLZeroReturnError, comes now and then: zhmcclient 1.26 says goodbye to a broker that
        # has hung up already. Its example does not expect that, and ends.
        except (zhmcclient.NotificationError, StompException, OSError) as error:
            say(f"WARNING watch: {type(error).__name__}: {error}; listens again")


def auto_update(session: Any, options: argparse.Namespace, say: Say) -> None:
    """Tell whether a partition that zhmcclient keeps up to date is what the HMC says when it is asked."""
    [cpc] = zhmcclient.Client(session).cpcs.list(filter_args={"name": options.cpc})
    kept, asked = (cpc.partitions.find(name=options.partition) for _ in range(2))
    kept.enable_auto_update()
    shown: tuple[str, str] | None = None
    before: tuple[str, str] | None = None
    while True:
        try:
            asked.pull_full_properties()
        except (zhmcclient.Error, requests.RequestException) as error:
            say(f"WARNING auto-update: the HMC cannot be asked: {type(error).__name__}")
        # What was asked for and what was told may be a moment apart: only what stays counts.
        now = (kept.properties["status"], asked.properties["status"])
        if now == before != shown:
            say(_compared(options.partition, *now))
            shown = now
        before = now
        time.sleep(options.pause)


LISTENING: Mapping[str, Callable[[Any, argparse.Namespace, Say], None]] = {
    "watch": watch,
    "auto-update": auto_update,
}


def _told(headers: Mapping[str, str], message: Any) -> str:
    number, kind = headers["session-sequence-nr"], headers["notification-type"]
    statuses = [report["new-status"] for report in (message or {}).get("change-reports", ()) if "new-status" in report]
    now = f", now {statuses[-1]}" if statuses else ""
    return f"#{number} {kind} of {headers.get('name') or headers.get('object-uri', '')}{now}"


def _compared(name: str, kept: str, asked: str) -> str:
    if kept == asked:
        return f"INFO auto-update: {name} is {kept}, as on the HMC"
    return f"WARNING auto-update: {name} is {kept} here, and {asked} on the HMC"

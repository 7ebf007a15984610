"""Restart Console and Shutdown Console. The mock model would sleep for 5 s in the middle of our loop.

Restart: every session and job is gone at once, and nobody reaches the console for `HmcSettings.restart_seconds`.
Shutdown: the same, until somebody at the console restarts it (`MockHmc.restart`). Another one of the same CPCs goes on.
"""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import optional, optional_body
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session


def _restart(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    optional(optional_body(call), "force", bool, False)
    _forget(console)
    if console.settings.restart_seconds:
        console.go_away(console.settings.restart_seconds)
    return Answer(status=202)


def _shutdown(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    optional(optional_body(call), "force", bool, False)
    _forget(console)
    console.go_away(None)
    return Answer(status=202)


def _forget(console: Console) -> None:
    console.sessions.expire_all()
    console.jobs.forget_all()


OPERATIONS = (
    Operation(method="POST", path="/api/console/operations/restart", run=_restart),
    Operation(method="POST", path="/api/console/operations/shutdown", run=_shutdown),
)

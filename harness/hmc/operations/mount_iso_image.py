"""Mount ISO Image: the one operation whose request body is a file."""

from __future__ import annotations

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.by_model import answer_of
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

ISO_LIMIT_BYTES = 64 * 1024 * 1024
"""Ours: large enough for a boot image in a test, small enough not to be felt."""


def _run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
    return answer_of(call.method, call.path, console.model.carry_out(call.method, call.uri, call.body))


OPERATION = Operation(
    method="POST",
    path="/api/partitions/*/operations/mount-iso-image",
    run=_run,
    takes_file=True,
    body_limit_bytes=ISO_LIMIT_BYTES,
)

"""The HMC's operations: one file each (or a tight family), one line in `OPERATIONS`.

What has no file here is carried out by zhmcclient's mock model (`by_model.py`). To add an operation, copy
`get_connected_vnics.py`, and add its line.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import (
    asynchronous,
    by_model,
    get_connected_vnics,
    get_notification_topics,
    jobs,
    list_features,
    logoff,
    logon,
    mount_iso_image,
    query_api_version,
    restart_console,
)
from harness.hmc.operations.operation import Console, OpenOperation, Operation
from harness.hmc.sessions import Session

AnyOperation = Operation | OpenOperation

OPERATIONS: tuple[AnyOperation, ...] = (
    query_api_version.OPERATION,
    logon.OPERATION,
    logoff.OPERATION,
    get_notification_topics.OPERATION,
    *jobs.OPERATIONS,
    *asynchronous.OPERATIONS,
    get_connected_vnics.OPERATION,
    *list_features.OPERATIONS,
    mount_iso_image.OPERATION,
    restart_console.OPERATION,
)


class Registry:
    """Finds the operation of a request."""

    def __init__(self, operations: Iterable[AnyOperation], otherwise: AnyOperation) -> None:
        self._otherwise = otherwise
        self._by_length: dict[int, list[tuple[tuple[str, ...], AnyOperation]]] = {}
        for operation in operations:
            parts = tuple(operation.path.split("/"))
            self._by_length.setdefault(len(parts), []).append((parts, operation))

    def find(self, method: str, path: str) -> AnyOperation:
        """The operation of this method and path; else one that says 405, or the one that hands it to the model."""
        segments = path.split("/")
        otherwise = self._otherwise
        for parts, operation in self._by_length.get(len(segments), ()):
            if all(part in ("*", segment) for part, segment in zip(parts, segments, strict=True)):
                if operation.method == method:
                    return operation
                otherwise = by_model.WRONG_METHOD
        return otherwise


REGISTRY = Registry(OPERATIONS, by_model.OPERATION)


def carry_out(console: Console, call: Call, operation: Operation, session: Session) -> Answer:
    """Carry out an operation: whole, or not at all.

    Raises:
        HmcError: the HMC refuses, and nothing has changed.
    """
    if call.method == "GET":
        return operation.run(console, call, session)
    with console.model.transaction():
        return operation.run(console, call, session)


__all__ = ["OPERATIONS", "REGISTRY", "AnyOperation", "Console", "OpenOperation", "Operation", "Registry", "carry_out"]

"""The HMC's operations: one file each (or a tight family), one line in `OPERATIONS`.

What has no file here is carried out by zhmcclient's mock model (`by_model.py`). To add an operation, copy
`get_connected_vnics.py`, and add its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.hmc.changes import LogKind
from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.handlers import HANDLERS
from harness.hmc.logs import OPERATION_ID
from harness.hmc.operations import (
    activation_profiles,
    aggregation,
    assigned_partitions,
    asynchronous,
    by_model,
    certificates,
    console_logs,
    create_partition,
    delete_adapter,
    delete_partition,
    firmware,
    get_connected_vnics,
    get_inventory,
    get_notification_topics,
    hardware_messages,
    import_dpm_config,
    jobs,
    list_features,
    list_permitted,
    logoff,
    logon,
    metrics_contexts,
    mount_iso_image,
    os_messages,
    partition_links,
    query_api_version,
    restart_console,
    storage,
    sustainability,
    tape,
    time_network,
    update_logical_partition,
    update_storage_resource,
    zeroize_crypto_domain,
)
from harness.hmc.operations.operation import Console, OpenOperation, Operation, Steps, at_once
from harness.hmc.operations.shapes import refuse_misshapen
from harness.hmc.permissions import Permissions
from harness.hmc.sessions import Session

AnyOperation = Operation | OpenOperation

OPERATIONS: tuple[AnyOperation, ...] = (
    query_api_version.OPERATION,
    logon.OPERATION,
    logoff.OPERATION,
    get_notification_topics.OPERATION,
    aggregation.operation(lambda console, call, session: in_steps(console, call, find(call), session)),
    get_inventory.OPERATION,
    *jobs.OPERATIONS,
    *asynchronous.OPERATIONS,
    assigned_partitions.OPERATION,
    *console_logs.OPERATIONS,
    *restart_console.OPERATIONS,
    *hardware_messages.OPERATIONS,
    *firmware.OPERATIONS,
    *list_features.OPERATIONS,
    *list_permitted.OPERATIONS,
    *time_network.OPERATIONS,
    *sustainability.OPERATIONS,
    *os_messages.OPERATIONS,
    *partition_links.OPERATIONS,
    *storage.OPERATIONS,
    *tape.OPERATIONS,
    *certificates.OPERATIONS,
    *activation_profiles.OPERATIONS,
    create_partition.OPERATION,
    delete_adapter.OPERATION,
    delete_partition.OPERATION,
    *get_connected_vnics.OPERATIONS,
    import_dpm_config.OPERATION,
    *metrics_contexts.OPERATIONS,
    mount_iso_image.OPERATION,
    update_logical_partition.OPERATION,
    update_storage_resource.OPERATION,
    zeroize_crypto_domain.OPERATION,
)


class Registry:
    """Finds the operation of a request."""

    def __init__(self, operations: Iterable[AnyOperation], otherwise: AnyOperation) -> None:
        self._otherwise = otherwise
        self._by_shape: dict[tuple[int, str], list[tuple[tuple[str, ...], AnyOperation]]] = {}
        for operation in operations:
            parts = tuple(operation.path.split("/"))
            self._by_shape.setdefault(_shape(parts), []).append((parts, operation))

    def find(self, method: str, path: str) -> AnyOperation:
        """The operation of this method and path; else one that says 405, or the one that hands it to the model."""
        segments = path.split("/")
        otherwise = self._otherwise
        for parts, operation in self._by_shape.get(_shape(segments), ()):
            if all(part in ("*", segment) for part, segment in zip(parts, segments, strict=True)):
                if operation.method == method:
                    return operation
                otherwise = by_model.WRONG_METHOD
        if otherwise is by_model.WRONG_METHOD and HANDLERS.has(method, path):
            return self._otherwise
        return otherwise


def _shape(segments: Sequence[str]) -> tuple[int, str]:
    """Number of segments, and the kind of resource: no template has a wildcard for that."""
    return len(segments), segments[2] if len(segments) > 2 else ""


REGISTRY = Registry(OPERATIONS, by_model.OPERATION)


def find(call: Call) -> Operation:
    """The operation of a call that is one of several.

    Raises:
        HmcError: 400,8: it is one for which nobody logs on, so that it makes no sense there.
    """
    operation = REGISTRY.find(call.method, call.path)
    if isinstance(operation, OpenOperation):
        raise HmcError(400, 8, f"{call.path} cannot be one of several requests.")
    return operation


def carry_out(console: Console, call: Call, operation: Operation, session: Session) -> Answer:
    """Carry out an operation: whole, or not at all, but for the few that are made of several.

    Raises:
        HmcError: the HMC refuses, and nothing has changed.
    """
    return at_once(in_steps(console, call, operation, session))


def in_steps(console: Console, call: Call, operation: Operation, session: Session) -> Steps[Answer]:
    """Carry out an operation; if it takes long, in steps between which others may have their turn.

    Raises:
        HmcError: as `carry_out`.
    """
    permissions = Permissions.of(console.model, session.user_uri)
    if permissions and is_there(call, operation):
        permissions.check(call)
    if not operation.steps:  # several requests in one are looked at one by one
        refuse_misshapen(call.body)
    if operation.steps:
        answer = yield from operation.steps(console, call, session)
    elif call.method == "GET":
        answer = operation.run(console, call, session)
    else:
        with console.model.transaction():
            answer = operation.run(console, call, session)
    if call.method != "GET":
        console.logs.add(LogKind.AUDIT, OPERATION_ID, session.user, f"{call.method} {call.path}: {answer.status}")
    return replace(answer, body=(yield from permissions.only_seen(answer.body))) if permissions else answer


def is_there(call: Call, operation: Operation) -> bool:
    """Whether it is one of an HMC's operations, and not just a method and a path that somebody has sent."""
    return operation.path != by_model.OPERATION.path or HANDLERS.has(call.method, call.path)


__all__ = [
    "OPERATIONS",
    "REGISTRY",
    "AnyOperation",
    "Console",
    "OpenOperation",
    "Operation",
    "Registry",
    "carry_out",
    "in_steps",
]

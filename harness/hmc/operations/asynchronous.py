"""The operations that a real HMC carries out as a job: the request is checked at once, its effect comes later.

Which ones these are, and which of their jobs can be cancelled, is what zhmcclient 1.26 documents at each method that
takes `wait_for_completion`. The mock model knows no jobs: the operation is rehearsed, and its changes are kept until
the job completes. A refusal with status 500 is what a real HMC only learns on the way, so it becomes the job's outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome, Work
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

_NOT_POSSIBLE = 263
"""Reason code of a 500 that a real HMC gives when an LPAR's state does not allow the operation."""


@dataclass(frozen=True, slots=True)
class _Async:
    path: str
    meanwhile: str | None = None
    """The target's status while the job runs, where the API book has one for it."""
    cancellable: bool = False
    lacking: _Effect | None = None
    """What it does, where the mock model lacks it."""


@dataclass(frozen=True, slots=True)
class _Effect:
    statuses: frozenset[str]
    """The target's statuses that allow it."""
    becomes: str


_LOADED = frozenset({"operating", "not-operating", "exceptions"})

ASYNCHRONOUS = (
    _Async("/api/partitions/*/operations/start", "starting", cancellable=True),
    _Async("/api/partitions/*/operations/stop", "stopping", cancellable=True),
    _Async("/api/partitions/*/operations/scsi-dump"),
    _Async("/api/partitions/*/operations/start-dump-program"),
    _Async("/api/partitions/*/operations/psw-restart"),
    _Async("/api/cpcs/*/operations/start", cancellable=True),
    _Async("/api/cpcs/*/operations/stop"),
    _Async("/api/cpcs/*/operations/activate"),
    _Async("/api/cpcs/*/operations/deactivate"),
    _Async("/api/cpcs/*/operations/set-cpc-power-save"),
    _Async("/api/cpcs/*/operations/set-cpc-power-capping"),
    _Async("/api/logical-partitions/*/operations/activate"),
    _Async("/api/logical-partitions/*/operations/deactivate"),
    _Async("/api/logical-partitions/*/operations/load"),
    _Async("/api/logical-partitions/*/operations/scsi-load"),
    _Async("/api/logical-partitions/*/operations/scsi-dump"),
    _Async("/api/logical-partitions/*/operations/nvme-load"),
    _Async("/api/logical-partitions/*/operations/nvme-dump"),
    _Async("/api/logical-partitions/*/operations/start", lacking=_Effect(_LOADED, "operating")),
    _Async("/api/logical-partitions/*/operations/stop", lacking=_Effect(_LOADED, "not-operating")),
    _Async("/api/logical-partitions/*/operations/psw-restart", lacking=_Effect(_LOADED, "operating")),
    _Async("/api/logical-partitions/*/operations/reset-clear", lacking=_Effect(_LOADED, "not-operating")),
    _Async("/api/logical-partitions/*/operations/reset-normal", lacking=_Effect(_LOADED, "not-operating")),
)


def _runner(spec: _Async) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:
        target = console.model.resource(call.path.partition("/operations/")[0])
        changes, outcome = _rehearse(console, call, target, spec)
        before = {key: target.properties[key] for key in ("status",) if key in target.properties}
        if spec.meanwhile and changes:
            target.properties["status"] = spec.meanwhile
        work = Work(
            outcome=outcome,
            finish=lambda: target.properties.update(changes),
            undo=lambda: target.properties.update(before),
            cancellable=spec.cancellable,
            seconds=console.settings.seconds_of(call.method, call.path),
        )
        return Answer(status=202, body={"job-uri": console.jobs.start(session.user, work)})

    return run


def _rehearse(console: Console, call: Call, target: Any, spec: _Async) -> tuple[dict[str, object], Outcome]:
    body = call.body if call.body is not None else {}

    def operation() -> object:
        if spec.lacking:
            _set_status(target, spec.lacking)
            return None
        return console.model.carry_out(call.method, call.uri, body)

    try:
        changes, result = console.model.rehearse(target, operation)
    except HmcError as error:
        if error.status < 500:
            raise
        return {}, Outcome(status=error.status, reason=error.reason, results={"message": error.message})
    return changes, Outcome(results=result or None)


def _set_status(target: Any, effect: _Effect) -> None:
    status = target.properties.get("status")
    if status not in effect.statuses:
        raise HmcError(500, _NOT_POSSIBLE, f"The status {status} of {target.name} does not allow the operation.")
    target.properties["status"] = effect.becomes


OPERATIONS = tuple(Operation(method="POST", path=spec.path, run=_runner(spec)) for spec in ASYNCHRONOUS)

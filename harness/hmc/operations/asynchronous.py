"""The operations that a real HMC carries out as a job: the request is checked at once, its effect comes later.

Which ones these are, and which of their jobs can be cancelled, is what zhmcclient 1.26 documents at each method that
takes `wait_for_completion`. The mock model knows no jobs: the operation is rehearsed, and its changes are kept until
the job completes. A refusal with status 500 is what a real HMC only learns on the way, so it becomes the job's outcome.

Which states a target passes through is known for partitions, whose ``status`` has ``starting`` and ``stopping`` (IBM's
data model), and for LPARs from zhmcclient's ``design/lpar-status.md``: activated with its image profile, an LPAR is
deactivated first; loaded, its control program is stopped first. A CPC's ``status`` has no value for a state in between,
and what partitions show while they are dumped, or LPARs while they are deactivated, only the API book could tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome
from harness.hmc.journal import Plan
from harness.hmc.operations import lpar_activation
from harness.hmc.operations.job import start
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

_NOT_POSSIBLE = 263
"""Reason code of a 500 that a real HMC gives when an LPAR's state does not allow the operation."""
_FAILED = 400
"""Statuses from here on are refusals."""


@dataclass(frozen=True, slots=True)
class _Async:
    path: str
    meanwhile: str | None = None
    """The target's status while the job runs, where it is known to have one of its own."""
    cancellable: bool = False
    lacking: _Effect | None = None
    """What it does, where the mock model lacks it."""
    afterwards: Callable[[Any], None] | None = None
    """What else becomes of the target, where the mock model does not go far enough."""


@dataclass(frozen=True, slots=True)
class _Effect:
    statuses: frozenset[str]
    """The target's statuses that allow it."""
    becomes: str


_LOADABLE = frozenset({"not-operating", "operating", "exceptions"})
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
    _Async("/api/logical-partitions/*/operations/activate", "not-activated", afterwards=lpar_activation.load),
    _Async("/api/logical-partitions/*/operations/deactivate"),
    _Async("/api/logical-partitions/*/operations/load", "not-operating"),
    _Async("/api/logical-partitions/*/operations/scsi-load", "not-operating"),
    _Async("/api/logical-partitions/*/operations/scsi-dump", "not-operating"),
    _Async("/api/logical-partitions/*/operations/nvme-load", "not-operating"),
    _Async("/api/logical-partitions/*/operations/nvme-dump", "not-operating"),
    _Async(
        "/api/logical-partitions/*/operations/load-from-ftp", "not-operating", lacking=_Effect(_LOADABLE, "operating")
    ),
    _Async("/api/logical-partitions/*/operations/start", lacking=_Effect(_LOADED, "operating")),
    _Async("/api/logical-partitions/*/operations/stop", lacking=_Effect(_LOADED, "not-operating")),
    _Async("/api/logical-partitions/*/operations/psw-restart", lacking=_Effect(_LOADED, "operating")),
    _Async("/api/logical-partitions/*/operations/reset-clear", lacking=_Effect(_LOADED, "not-operating")),
    _Async("/api/logical-partitions/*/operations/reset-normal", lacking=_Effect(_LOADED, "not-operating")),
)


def _runner(spec: _Async) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:
        target = console.model.resource(call.path.partition("/operations/")[0])
        plan, outcome = _rehearse(console, call, target, spec)
        before = target.properties.get("status")
        meanwhile = spec.meanwhile if outcome.status < _FAILED else None
        if meanwhile:
            target.properties["status"] = meanwhile

        def undo() -> None:
            if meanwhile and target.properties.get("status") == meanwhile:
                target.properties["status"] = before

        def finish() -> None:
            undo()  # the plan knows only what is another one at the end
            plan.carry_out()

        return start(console, call, session, outcome=outcome, finish=finish, undo=undo, cancellable=spec.cancellable)

    return run


def _rehearse(console: Console, call: Call, target: Any, spec: _Async) -> tuple[Plan, Outcome]:
    body = call.body if call.body is not None else {}

    def operation() -> object:
        if spec.lacking:
            _set_status(target, spec.lacking)
            return None
        result = console.model.carry_out(call.method, call.uri, body)
        if spec.afterwards:
            spec.afterwards(target)
        return result

    try:
        plan, result = console.model.rehearse(operation)
    except HmcError as error:
        if error.status < 500:
            raise
        return Plan(), Outcome(status=error.status, reason=error.reason, results={"message": error.message})
    return plan, Outcome(results=result or None)


def _set_status(target: Any, effect: _Effect) -> None:
    status = str(target.properties.get("status"))  # a client may have written what cannot be looked up
    if status not in effect.statuses:
        raise HmcError(500, _NOT_POSSIBLE, f"The status {status} of {target.name} does not allow the operation.")
    target.properties["status"] = effect.becomes


OPERATIONS = tuple(Operation(method="POST", path=spec.path, run=_runner(spec), is_job=True) for spec in ASYNCHRONOUS)

"""How an operation becomes a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome, Work
from harness.hmc.operations.operation import Console
from harness.hmc.sessions import Session

Change = Callable[[], Outcome | None]
"""What a job does at its end, and its outcome if that is another one than was foreseen."""


def _nothing() -> None:
    """What a job that was cancelled leaves to undo."""


def start(
    console: Console,
    call: Call,
    session: Session,
    *,
    outcome: Outcome,
    finish: Change = _nothing,
    undo: Change = _nothing,
    cancellable: bool = False,
    headers: Mapping[str, str] | None = None,
    alone: bool = True,
    created: str = "",
) -> Answer:
    """Begin a job, as long as the settings say; 202 with its URI. Both callbacks may change the model.

    What stands before ``/operations/`` in the path is its target, unless it is not `alone`; else what was `created`. It
    is busy until the job's end. If it is gone by then neither callback is called, and the outcome is 404,1.

    Raises:
        HmcError: 409,2: the target is busy with another job.
    """
    resource, operations, _ = call.path.partition("/operations/")
    target = resource if operations and alone else created
    work = Work(
        outcome=outcome,
        finish=_at_the_end(console, target, finish),
        undo=_at_the_end(console, target, undo),
        cancellable=cancellable,
        seconds=console.settings.seconds_of(call.method, call.path),
    )
    uri = console.jobs.start(session.owner, work, f"{session.topic}job", target)
    return Answer(status=202, body={"job-uri": uri}, headers=headers or {})


def _at_the_end(console: Console, target: str, change: Change) -> Change:
    resources = console.model.hmc.all_resources
    there = resources.get(target)

    def carry_out() -> Outcome | None:
        if resources.get(target) is not there:
            return Outcome(status=404, reason=1, results={"message": f"{target} was deleted meanwhile."})
        with console.model.transaction():
            return change()

    return carry_out

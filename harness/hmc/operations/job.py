"""How an operation becomes a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome, Work
from harness.hmc.operations.operation import Console
from harness.hmc.sessions import Session


def _nothing() -> None:
    """What a job that was cancelled leaves to undo."""


def start(
    console: Console,
    call: Call,
    session: Session,
    *,
    outcome: Outcome,
    finish: Callable[[], None] = _nothing,
    undo: Callable[[], None] = _nothing,
    cancellable: bool = False,
    headers: Mapping[str, str] | None = None,
    alone: bool = True,
) -> Answer:
    """Begin a job, as long as the settings say; 202 with its URI. Both callbacks may change the model.

    What stands before ``/operations/`` in the path is its target, and busy until its end, unless it is not `alone`.

    Raises:
        HmcError: 409,2: the target is busy with another job.
    """

    def within(change: Callable[[], None]) -> Callable[[], None]:
        def carry_out() -> None:
            with console.model.transaction():
                change()

        return carry_out

    work = Work(
        outcome=outcome,
        finish=within(finish),
        undo=within(undo),
        cancellable=cancellable,
        seconds=console.settings.seconds_of(call.method, call.path),
    )
    resource, operations, _ = call.path.partition("/operations/")
    target = resource if operations and alone else ""
    uri = console.jobs.start(session.owner, work, f"{session.topic}job", target)
    return Answer(status=202, body={"job-uri": uri}, headers=headers or {})

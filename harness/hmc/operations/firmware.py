"""Firmware of console and CPCs: single step install, install and activate, delete what was retrieved, report a problem.

All are jobs. A bundle level that was installed shows in ``ec-mcl-description``.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Outcome
from harness.hmc.operations.job import start
from harness.hmc.operations.kit import field, one_of, optional, optional_body, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

BOTH = ("/api/console", "/api/cpcs/*")
PROBLEMS = ("hardware", "software", "test", "other", "power", "partition", "security", "console")


def _install(cancellable: bool) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:
        machine, body = target(console, call), optional_body(call)
        level = optional(body, "bundle-level", str, "")

        def finish() -> None:
            if level:
                told = dict(machine.properties.get("ec-mcl-description") or {})
                machine.properties["ec-mcl-description"] = {**told, "bundle-level": level}

        outcome = Outcome(results={"message": f"Installed {level or 'all that was available'}."})
        return start(console, call, session, outcome=outcome, finish=finish, cancellable=cancellable)

    return run


def _delete(console: Console, call: Call, session: Session) -> Answer:
    target(console, call)
    optional(optional_body(call), "ec-levels", list, [])
    return start(console, call, session, outcome=Outcome(status=204))


def _report(console: Console, call: Call, session: Session) -> Answer:
    body = optional_body(call)
    for name in ("customer-name", "customer-phone-number", "problem-description"):
        field(body, name, str)
    one_of(body, "problem-type", PROBLEMS)
    return start(console, call, session, outcome=Outcome(status=204))


OPERATIONS = (
    *(Operation(method="POST", path=f"{base}/operations/single-step-install", run=_install(True)) for base in BOTH),
    Operation(method="POST", path="/api/cpcs/*/operations/install-and-activate", run=_install(True)),
    *(Operation(method="POST", path=f"{base}/operations/delete-retrieved-internal-code", run=_delete) for base in BOTH),
    Operation(method="POST", path="/api/console/operations/report-problem", run=_report),
)

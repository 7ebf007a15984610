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


def _install(console: Console, call: Call, session: Session) -> Answer:
    machine, body = target(console, call), optional_body(call)
    level = optional(body, "bundle-level", str, "")

    def finish() -> None:
        if level:
            told = machine.properties.get("ec-mcl-description")
            known = dict(told) if isinstance(told, dict) else {}
            machine.properties["ec-mcl-description"] = {**known, "bundle-level": level}

    outcome = Outcome(results={"message": f"Installed {level or 'all that was available'}."})
    return start(console, call, session, outcome=outcome, finish=finish, cancellable=True)


def _delete(console: Console, call: Call, session: Session) -> Answer:
    target(console, call)
    optional(optional_body(call), "ec-levels", list, [])
    return start(console, call, session, outcome=Outcome(status=204))


def _report(console: Console, call: Call, session: Session) -> Answer:
    body = optional_body(call)
    for name in ("customer-name", "customer-phone-number", "problem-description"):
        field(body, name, str)
    one_of(body, "problem-type", PROBLEMS)
    return start(console, call, session, outcome=Outcome(status=204), alone=False)


def _job(path: str, run: Callable[[Console, Call, Session], Answer]) -> Operation:
    return Operation(method="POST", path=path, run=run, is_job=True)


OPERATIONS = (
    *(_job(f"{base}/operations/single-step-install", _install) for base in BOTH),
    _job("/api/cpcs/*/operations/install-and-activate", _install),
    *(_job(f"{base}/operations/delete-retrieved-internal-code", _delete) for base in BOTH),
    _job("/api/console/operations/report-problem", _report),
)

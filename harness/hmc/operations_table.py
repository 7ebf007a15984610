"""Writes docs/hmc-operations.md: what carries out each operation that zhmcclient calls.

Run: python -m harness.hmc.operations_table [--check]
"""

from __future__ import annotations

import sys
from collections import Counter
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from harness.hmc.called import Called, operations_called
from harness.hmc.handlers import HANDLERS
from harness.hmc.operations import REGISTRY, by_model
from harness.hmc.operations.asynchronous import ASYNCHRONOUS
from harness.hmc.operations.statuses import success_of
from harness.hmc.task_table import BY_FIELD, RELATED
from harness.hmc.tasks import need_of

FILE = Path(__file__).parents[2] / "docs" / "hmc-operations.md"


class Who(StrEnum):
    """Who carries an operation out."""

    MODEL = "model"
    OURS = "ours"
    JOB = "job"
    NOBODY = "not there"


_RELATED_PATHS = {
    **{f"/api/console/{kind}s": kind for kind in RELATED},
    "/api/users": "user",
    "/api/user-roles": "user-role",
}
"""Where the objects of which users see their own are read."""

_HEAD = """# What the mock HMC can do

Written by `python -m harness.hmc.operations_table`; do not edit. It has a row for each operation that
zhmcclient {version} calls, found in its sources.

- **model**: zhmcclient's mock model carries it out, behind our statuses, errors, sessions and permissions ({model}).
- **ours**: the model lacks it, or does it wrongly; our own code does it, on the model's resources ({ours}).
- **job**: asynchronous: the model's effect, or ours, comes when its job completes ({job}).
- **not there**: answered with 404,1, as by an HMC too old to know it; a line in the log counts it ({nobody}).

**Status** is that of success; a test carries each row out once. It follows IBM's documentation ("HTTP status codes"):
200 with a body, 201 for what creates, 202 for a job and for what is carried out later, 204 without a body. Which of 200
and 204 an operation has is our reading of what zhmcclient does with its answer; the API book has it one by one. (Import
DPM Configuration says 200 with what it could not apply, where there is such.)

What others see in the `status` of its target while such a job runs; all others change it at the end. (A partition link
has a `state`, which is `updating`.)
{meanwhile}

The last column is the task that a user's role has to have (see [users and roles](mock-hmc.md#users-and-roles)), as the
documentation of zhmcclient's functions names it. "own" is what a user sees without it. Beyond what is there:
{by_field}

| Method | Path | | Status | zhmcclient's function | Task |
|---|---|---|---|---|---|
"""


def who_carries_out(called: Called) -> Who:
    """Who carries out an operation."""
    path = called.path.replace("*", "x")
    operation = REGISTRY.find(called.method, path)
    if operation.is_job:
        return Who.JOB
    if operation not in (by_model.OPERATION, by_model.WRONG_METHOD):
        return Who.OURS
    return Who.MODEL if HANDLERS.has(called.method, path) else Who.NOBODY


def table() -> str:
    """The whole document."""
    rows = [(called, who_carries_out(called)) for called in operations_called()]
    counts = Counter(who for _, who in rows)
    head = _HEAD.format(
        version=version("zhmcclient"),
        model=counts[Who.MODEL],
        ours=counts[Who.OURS],
        job=counts[Who.JOB],
        nobody=counts[Who.NOBODY],
        meanwhile="\n".join(f"- `POST {item.path}`: `{item.meanwhile}`" for item in ASYNCHRONOUS if item.meanwhile),
        by_field="\n".join(
            f"- `{operation}` with a field `{pattern}`: {_words(need)}." for operation, pattern, need in BY_FIELD
        ),
    )
    return head + "".join(
        f"| {row.method} | `{row.path}` | {who} | {_status_of(row, who)} | {row.by} | {_task_of(row)} |\n"
        for row, who in rows
    )


def _status_of(called: Called, who: Who) -> str:
    return "404" if who is Who.NOBODY else str(success_of(called.method, called.path, is_job=who is Who.JOB))


def _task_of(called: Called) -> str:
    need = need_of(called.method, called.path)
    if need is not None:
        return _words(need)
    kind = _RELATED_PATHS.get(called.path.removesuffix("/*")) if called.method == "GET" else None
    return f"own; all: {_words(RELATED[kind])}" if kind else ""


def _words(need: str) -> str:
    return need.replace(" | ", " or ").replace(" & ", " and ")


def main(arguments: list[str] | None = None) -> int:
    """Write it, or with ``--check`` only say whether it is current; the exit status."""
    checks = "--check" in (sys.argv[1:] if arguments is None else arguments)
    text = table()
    if not checks:
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
        print(f"{FILE} is not current; run python -m harness.hmc.operations_table", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

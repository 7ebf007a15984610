"""The table of tasks, held against the authorization requirements that zhmcclient's functions name."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import zhmcclient
from zhmcclient.mock._urihandler import URIS

from harness.hmc.called import Called, operations_called
from harness.hmc.operations import OPERATIONS, OpenOperation
from harness.hmc.task_table import BY_FIELD, RELATED
from harness.hmc.tasks import enough, is_known, need_of, needs, normal

NO_TASK = frozenset({"Remote Restart", "Remote Shutdown"})
"""What else stands in quotation marks there."""

OTHERWISE = {
    # The text is the one of reset_clear; an HMC has a task of its own for it.
    ("POST", "/api/logical-partitions/*/operations/reset-normal"): {"Reset Normal"},
}


@cache
def requirements() -> dict[str, str]:
    """The authorization requirements of each function of zhmcclient."""
    found = {}
    for file in Path(zhmcclient.__file__).parent.glob("_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                part = re.search(
                    r"Authorization requirements:\n(.*?)(?=\n(Parameters|Returns|Raises):|\Z)", text, re.DOTALL
                )
                found[f"{file.stem[1:]}: {node.name}"] = re.sub(r"\s+", " ", part[1]) if part else ""
    return found


def named(called: Called) -> set[str]:
    """The tasks that are named there."""
    otherwise = OTHERWISE.get((called.method, called.path))
    if otherwise:
        return otherwise
    text = requirements().get(called.by, "").replace("\u2013", "-")
    return set(re.findall(r'"([A-Z][^"]+)"', text)) - NO_TASK


def in_table(called: Called) -> set[str]:
    needs = [need_of(called.method, called.path) or ""]
    needs += [need for operation, _, need in BY_FIELD if operation == f"{called.method} {called.path}"]
    return {task for need in needs for task in re.split(r" [|&] ", need) if task}


def test_the_table_names_the_tasks_that_zhmcclients_documentation_names() -> None:
    related = {task for need in RELATED.values() for task in need.split(" | ")}
    wrong = {
        f"{called.method} {called.path}": (named(called), in_table(called))
        for called in operations_called()
        if named(called) != in_table(called)
        and not (called.method == "GET" and named(called) <= related and not in_table(called))
    }
    # Get Properties has no function of its own; the list's task is needed for one message, too.
    assert set(wrong) == {"GET /api/console/hardware-messages/*", "GET /api/cpcs/*/hardware-messages/*"}


def test_whatever_changes_something_is_in_the_table() -> None:
    known = {(item.method, item.path) for item in OPERATIONS if not isinstance(item, OpenOperation)}
    known |= {(called.method, called.path) for called in operations_called()}
    for uri, handler in URIS:
        path = uri.replace(r"(?:\?(.*))?", "").replace("([^?/]+)", "*").replace("([^/]+)", "*")
        known |= {(method, path) for method in ("POST", "DELETE") if hasattr(handler, method.lower())}
    known.discard(("POST", "/api/sessions"))
    missing = {item for item in known if item[0] != "GET" and not is_known(*item)}
    assert missing == set()


@pytest.mark.parametrize(
    ("need", "tasks", "is_enough"),
    [
        ("Load", {"load"}, True),
        ("Load", {"start"}, False),
        ("Load | Start", {"start"}, True),
        ("Load & Start", {"start"}, False),
        ("Load & Start", {"start", "load"}, True),
        ("", {""}, False),
    ],
)
def test_one_or_all_tasks_are_needed(need: str, tasks: set[str], is_enough: bool) -> None:
    assert enough(need, tasks) is is_enough


def test_what_a_body_changes_can_need_another_task() -> None:
    lpar = "/api/logical-partitions/1"
    assert list(needs("POST", lpar, {"description": "x"})) == ["Change Object Definition"]
    more = {"ssc-host-name": "x", "number-reserved-ifl-cores": 1}
    assert list(needs("POST", lpar, more)) == ["Change Object Definition", "Firmware Details", "Logical Processor Add"]


def test_what_the_table_does_not_know_needs_what_nobody_has() -> None:
    assert list(needs("POST", "/api/cpcs/1/operations/new-in-2030", None)) == [""]
    assert list(needs("GET", "/api/cpcs/1", None)) == []


def test_names_of_tasks_are_compared_as_element_ids() -> None:
    assert normal("Configure Storage \u2013 System Programmer") == "configure-storage-system-programmer"

"""Whether what somebody says to the control interface names something: a typo is refused, with the nearest name."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import zhmcclient

from harness.core.patterns import RequestPattern
from harness.errors import BadInput
from harness.hmc.operations import OPERATIONS, AnyOperation, Console

STATUSES = {
    "partition": (
        "communications-not-active", "status-check", "stopped", "terminated", "starting", "active", "stopping",
        "degraded", "reservation-error", "paused",
    ),
    "logical-partition": ("operating", "not-operating", "not-activated", "exceptions"),
    "cpc": (
        "active", "operating", "not-communicating", "exceptions", "status-check", "service", "not-operating",
        "no-power", "service-required", "degraded", "acceptable",
    ),
}  # fmt: skip
"""Values of ``status`` by class, as IBM's data models and zhmcclient's tests have them."""

WITH_CONSOLE = ("partition", "logical-partition")
"""Classes of what an operating system runs in."""

NULL = "null"

_WORD = re.compile(r"""["'`]([a-z][a-z0-9]*(?:-[a-z0-9]+)+)["'`]""")


def find(console: Console, resource: str) -> Any:
    """The resource of that URI, or the only one of that ``CLASS:NAME``.

    Raises:
        BadInput: there is none, or there are several.
    """
    everything = console.model.hmc.all_resources
    if resource in everything:
        return everything[resource]
    kind, colon, name = resource.partition(":")
    if not colon or resource.startswith("/"):
        raise BadInput(
            f"there is no resource {resource!r}; name it by its URI or by CLASS:NAME, as in partition:part-1"
        )
    names = [(f"{item.properties.get('class')}:{item.properties.get('name')}", item) for item in everything.values()]
    found = [item for told, item in names if told == f"{kind}:{name}"]
    if not found:
        raise BadInput(f"there are 0 resources {resource!r}{nearest(resource, (told for told, _ in names))}")
    if len(found) > 1:
        raise BadInput(f"there are {len(found)} resources {resource!r}, and not one; name it by its URI")
    return found[0]


def check_properties(console: Console, resource: Any, properties: Mapping[str, object]) -> None:
    """Refuse names that no resource of this class has and zhmcclient does not know, and a status that is none.

    A value has to be of a type that the property has, here or in another resource of the class; null always may be.

    Raises:
        BadInput: with the nearest name.
    """
    kind = str(resource.properties.get("class"))
    everything = console.model.hmc.all_resources.values()
    alike = [resource, *(item for item in everything if item.properties.get("class") == kind)]
    names = {name for item in alike for name in item.properties}
    for name in properties:
        if name not in names and name not in _words_of_zhmcclient():
            raise BadInput(
                f"no {kind} of this HMC has a property {name!r}{nearest(name, names | _words_of_zhmcclient())}; "
                "to make a new one say new (on the command line: --new)"
            )
    status = properties.get("status")
    if "status" in properties and kind in STATUSES and status not in STATUSES[kind]:
        raise BadInput(
            f"a {kind} has no status {status!r}{nearest(str(status), STATUSES[kind])}; it has "
            f"{', '.join(STATUSES[kind])}; to set another one say new (on the command line: --new)"
        )
    for name, value in properties.items():
        _check_type(kind, name, value, (item.properties.get(name) for item in alike))


def _check_type(kind: str, name: str, value: object, present: Iterable[object]) -> None:
    types = {_type_of(item) for item in present} - {NULL}
    if not types or _type_of(value) in types or (value is None and name != "name"):
        return
    quotes = f"; on the command line put text in quotes: {name}='\"...\"'" if "text" in types else ""
    raise BadInput(
        f"the {name!r} of a {kind} is {' or '.join(sorted(types))}, not {value!r}{quotes}; "
        "to set it all the same say new (on the command line: --new)"
    )


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), NULL)


def check_plain(what: str, value: object) -> None:
    """Refuse what JSON, and so the HMC's API, has no word for, at whatever depth.

    Raises:
        BadInput: it has a date, bytes, a number that is none or has no end, or half a character.
    """
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"{what} cannot be told as JSON: {error}; put text in quotes") from error


def check_starts_jobs(requests: RequestPattern) -> None:
    """Refuse a pattern that no operation meets whose effect is a job's.

    Raises:
        BadInput: with the nearest operation.
    """
    jobs = [operation for operation in OPERATIONS if operation.is_job]
    if not any(_meets(requests, operation) for operation in jobs):
        forms = [f"{operation.method} {operation.path}" for operation in jobs]
        raise BadInput(f"{str(requests)!r} meets no operation that starts a job{nearest(str(requests), forms)}")


@functools.cache
def _words_of_zhmcclient() -> frozenset[str]:
    """Words with hyphens in its sources: an inventory need not have each of the properties that there are."""
    files = Path(zhmcclient.__file__).parent.rglob("*.py")
    return frozenset(word for file in files for word in _WORD.findall(file.read_text(encoding="utf-8")))


def nearest(word: str, known: Iterable[str]) -> str:
    """How a message goes on that has told an unknown word: with the nearest one that is known, if any is near."""
    near = difflib.get_close_matches(word[:200], list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _meets(requests: RequestPattern, operation: AnyOperation) -> bool:
    """Whether a request for this operation can be one of these: where its template leaves room, it is filled in."""
    wanted = requests.path.split("/")
    path = [
        part if part != "*" else wanted[place] if place < len(wanted) and "*" not in wanted[place] else "x"
        for place, part in enumerate(operation.path.split("/"))
    ]
    return requests.matches(operation.method, "/".join(path))

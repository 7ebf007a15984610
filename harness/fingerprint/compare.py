"""What differs between two fingerprints. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

COMPARED = ("outcome", "connections", "requests", "executed", "logons", "flags")
"""What is the same in two runs of one version; seconds and words are not."""

MANY = 10
"""More than so many of anything are a matter of how far it came in its time: no two runs agree on them."""

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Difference:
    """What one case shows of two clients."""

    case: str
    what: str
    """One of `COMPARED`, or ``case`` where only one of them was put through it."""
    old: object
    new: object

    def __str__(self) -> str:
        if self.what == "case":
            return f"{self.case}: only in the {'new' if self.old is None else 'old'} one"
        return f"{self.case}: {self.what}: {_shown(self.old)} -> {_shown(self.new)}"


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> list[Difference]:
    """What changed between two fingerprints, as `as_json` has them."""
    return list(_changes(_cases(old), _cases(new)))


def with_again(
    fingerprint: Mapping[str, object], again: Mapping[str, object], cases: Iterable[str]
) -> Mapping[str, object]:
    """A fingerprint in which these cases are as they were when they were played again."""
    newer, wanted = _cases(again), set(cases)
    found = [newer[name] if name in wanted and name in newer else case for name, case in _cases(fingerprint).items()]
    return {**fingerprint, "cases": found}


def differences_text(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """For people."""
    lines = [f"  {item}" for item in differences(old, new)]
    return "\n".join([f"{old.get('client')} -> {new.get('client')}", *(lines or ["  nothing changed"])])


def differences_json(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """For programs: the differences, and both fingerprints."""
    found = [{"case": d.case, "what": d.what, "old": d.old, "new": d.new} for d in differences(old, new)]
    return json.dumps({"old": old, "new": new, "differences": found}, indent=1)


def _cases(fingerprint: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    cases = fingerprint.get("cases")
    return {str(item["case"]): item for item in cases} if isinstance(cases, list) else {}


def _changes(
    before: Mapping[str, Mapping[str, object]], after: Mapping[str, Mapping[str, object]]
) -> Iterator[Difference]:
    for case in dict.fromkeys((*before, *after)):
        if case not in before or case not in after:
            yield Difference(case, "case", before.get(case), after.get(case))
            continue
        for name in COMPARED:
            old, new = before[case].get(name), after[case].get(name)
            if _kind(old) != _kind(new):
                yield Difference(case, name, old, new)


def _kind(value: object) -> object:
    """The value, without the numbers that no two runs agree on."""
    if isinstance(value, int):
        return min(value, MANY + 1)
    if isinstance(value, list | tuple):
        return [_NUMBER.sub(lambda n: str(min(int(n[0]), MANY + 1)), str(item)) for item in value]
    return value


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "nothing"
    return str(value)

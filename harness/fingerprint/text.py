"""A fingerprint for people and programs, and what differs between two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from harness.fingerprint.facts import Facts, as_mapping

COMPARED = ("outcome", "connections", "requests", "logons", "flags")
"""What has to be the same in two runs of one version; seconds and words are not."""


def as_text(client: str, facts: Sequence[Facts]) -> str:
    """One line a case, and at the end what is worth a second look."""
    head = f"{'case':<34} {'outcome':<22} {'conn':>4} {'sent':>4} {'s':>6}  spacing"
    lines = [f"What {client} does when the HMC is sick", "", head, *(_line(item) for item in facts)]
    flagged = [f"  {item.case:<34} {flag}" for item in facts for flag in item.flags]
    return "\n".join([*lines, "", "Worth a second look:", *(flagged or ["  nothing"])])


def _line(item: Facts) -> str:
    spacing = " ".join(f"{gap:g}" for gap in item.spacing_s[:6])
    unmet = "" if item.met else "  (the fault met nothing: nothing is known)"
    numbers = f"{item.connections:>4} {item.requests:>4} {item.seconds:>6.2f}"
    return f"{item.case:<34} {item.outcome:<22} {numbers}  {spacing}{unmet}".rstrip()


def as_json(client: str, facts: Sequence[Facts]) -> str:
    """All of it."""
    return json.dumps({"client": client, "cases": [as_mapping(item) for item in facts]}, indent=1)


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """What changed between two fingerprints, as `as_json` has them."""
    before, after = _cases(old), _cases(new)
    lines = list(_changes(before, after))
    return "\n".join([f"{old.get('client')} -> {new.get('client')}", *(lines or ["  nothing changed"])])


def _cases(fingerprint: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    cases = fingerprint.get("cases")
    return {str(item["case"]): item for item in cases} if isinstance(cases, list) else {}


def _changes(before: Mapping[str, Mapping[str, object]], after: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for case in dict.fromkeys((*before, *after)):
        if case not in before or case not in after:
            yield f"  {case}: only in the {'new' if case in after else 'old'} one"
            continue
        for name in COMPARED:
            if before[case].get(name) != after[case].get(name):
                yield f"  {case}: {name}: {before[case].get(name)} -> {after[case].get(name)}"

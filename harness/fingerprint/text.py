"""A fingerprint for people and programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.fingerprint.facts import Facts, as_mapping

UNMET = "the fault met nothing: nothing is known"


def as_text(client: str, facts: Sequence[Facts]) -> str:
    """One line a case, and at the end what is worth a second look."""
    head = f"{'case':<34} {'outcome':<22} {'conn':>4} {'sent':>4} {'s':>6}  spacing"
    lines = [f"What {client} does when the HMC is sick", "", head, *(_line(item) for item in facts)]
    flagged = [f"  {item.case:<34} {flag}" for item in facts for flag in item.flags]
    told = [f"  {item.case:<34} {note}" for item in facts for note in item.notes]
    known = ["", "Also seen:", *told] if told else []
    return "\n".join([*lines, "", "Worth a second look:", *(flagged or ["  nothing"]), *known])


def _line(item: Facts) -> str:
    spacing = " ".join(f"{gap:g}" for gap in item.spacing_s[:6])
    unmet = "" if item.met else f"  ({UNMET})"
    numbers = f"{item.connections:>4} {item.requests:>4} {item.seconds:>6.2f}"
    return f"{item.case:<34} {item.outcome:<22} {numbers}  {spacing}{unmet}".rstrip()


def as_json(client: str, facts: Sequence[Facts]) -> str:
    """All of it."""
    return json.dumps({"client": client, "cases": [as_mapping(item) for item in facts]}, indent=1)

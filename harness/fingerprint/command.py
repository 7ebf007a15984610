"""`harness fingerprint`: plays the catalogue, or compares two stored fingerprints."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.assembly.project import Project
from harness.errors import BadInput
from harness.fingerprint.cases import CASES, Case
from harness.fingerprint.play import fingerprint
from harness.fingerprint.text import as_json, as_text, differences

CLIENTS = ("zhmcclient",)


def add_fingerprint_command(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("client", nargs="?", choices=CLIENTS, help="the client to look at")
    parser.add_argument("--python", default=sys.executable, help="a Python that has it (default: this one)")
    parser.add_argument("--only", default="", metavar="WORD", help="only cases whose name holds this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the fingerprint there, too")
    words = "what differs between two stored fingerprints; plays nothing"
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("OLD", "NEW"), help=words)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if options.compare:
        print(differences(*(_stored(file) for file in options.compare)))
        return 0
    if options.client is None:
        raise BadInput(f"name the client to look at: harness fingerprint {CLIENTS[0]}")
    cases = [case for case in CASES if options.only in case.id]
    if not cases:
        raise BadInput(f"no case has {options.only!r} in its name; known: {', '.join(case.id for case in CASES)}")
    version, facts = asyncio.run(fingerprint(Project(options.root.absolute()), cases, options.python, done=_done))
    client = f"{options.client} {version}"
    print(as_text(client, facts))
    if options.json:
        options.json.write_text(as_json(client, facts), encoding="utf-8")
    return 0


def _done(case: Case) -> None:
    """Somebody is waiting, but not what reads the output."""
    if sys.stderr.isatty():
        print(f"\r{case.id:<40}", end="", file=sys.stderr, flush=True)


def _stored(file: Path) -> Mapping[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}:1:1: cannot be read as a fingerprint: {error}") from error
    if not isinstance(found, dict) or "cases" not in found:
        raise BadInput(f"{file}:1:1: is no fingerprint; make one by: harness fingerprint {CLIENTS[0]} --json FILE")
    return found

"""`harness fingerprint`: plays the catalogue against a client or an agent, or says what differs between two."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from harness.assembly.project import Project
from harness.assembly.warped import wish_of
from harness.core import quantities
from harness.core.profile import Profile
from harness.core.scenario import WarpWord
from harness.core.values import Unit
from harness.errors import BadInput
from harness.fingerprint.agent_cases import AgentCase, agent_cases, watch_for
from harness.fingerprint.agent_play import How, fingerprint_agent, usual_inventory
from harness.fingerprint.cases import CASES, Case
from harness.fingerprint.clients import CLIENT, python_with, version_of
from harness.fingerprint.compare import differences, differences_json, differences_text, with_again
from harness.fingerprint.facts import Facts
from harness.fingerprint.page import as_page, differences_page
from harness.fingerprint.play import fingerprint
from harness.fingerprint.text import as_json, as_text
from harness.report.store import RunStore

C = TypeVar("C", Case, AgentCase)

STDOUT = Path("-")
SHORTEST_WATCH_S = 1.0
KEEP = 2
"""So many trials of each case stay."""


def add_fingerprint_command(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    words = f"{CLIENT}, or an agent by its profile's name"
    parser.add_argument("client", nargs="?", metavar="AGENT|zhmcclient", help=words)
    parser.add_argument("--only", default="", metavar="WORD", help="only cases whose name holds this")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="store it there, too; -: print it instead of the text"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="a page of it, which needs no network")
    words = f"what differs between two: each is {CLIENT}==VERSION, which is installed and played, or a stored file"
    parser.add_argument("--compare", nargs=2, metavar=("OLD", "NEW"), help=words)
    client = parser.add_argument_group(f"for {CLIENT}")
    client.add_argument("--python", default=sys.executable, help="a Python that has it (default: this one)")
    agent = parser.add_argument_group("for an agent")
    agent.add_argument("--hmc", metavar="NAME", help="inventory (default: the one that scenarios play this agent with)")
    words = "how long each fault lasts, such as 10s (default: as long as the agent's timeouts allow, at most 20s)"
    agent.add_argument("--watch", type=_watch, metavar="TIME", help=words)
    words = "how fast clocks run: auto, off (the default) or a factor; see docs/warp.md"
    agent.add_argument("--warp", type=wish_of, default=WarpWord.OFF, metavar="auto|off|N", help=words)
    agent.add_argument("--runs-dir", type=Path, help="where each case's trial is kept (default: runs)")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    project = Project(options.root.absolute())
    if options.compare:
        old, new = _compared(project, *options.compare, only=options.only)
        _give(options, differences_text(old, new), differences_json(old, new), differences_page(old, new))
        return 0
    client, facts = _played(project, options)
    _give(options, as_text(client, facts), as_json(client, facts), as_page(_plain(client, facts)))
    return 0


def _plain(client: str, facts: Sequence[Facts]) -> Mapping[str, object]:
    """As it is read back from a file."""
    plain: Mapping[str, object] = json.loads(as_json(client, facts))
    return plain


def _give(options: argparse.Namespace, text: str, stored: str, page: str) -> None:
    print(stored if options.json == STDOUT else text)
    for file, content in ((options.json, stored), (options.html, page)):
        if file is None or file == STDOUT:
            continue
        try:
            file.write_text(content, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise BadInput(f"{file}: cannot be written: {error.strerror}; name another file") from error


def _compared(project: Project, *words: str, only: str) -> list[Mapping[str, object]]:
    """Both sides. Where two versions that are played differ, both play it again: a busy machine is no difference."""
    versions = [version_of(word) for word in words]
    pythons = [python_with(project.root, version) if version else "" for version in versions]
    known = _chosen(CASES, only) if any(pythons) else []
    sides = [_of_version(project, known, p) if p else _stored(Path(w)) for p, w in zip(pythons, words, strict=True)]
    unsure = {d.case for d in differences(*sides) if d.what != "case"}
    if not all(pythons) or not unsure:
        return sides
    again = [_of_version(project, [case for case in known if case.id in unsure], python) for python in pythons]
    unsure -= {d.case for d in differences(*again)}
    return [with_again(side, repeated, unsure) for side, repeated in zip(sides, again, strict=True)]


def _of_version(project: Project, cases: Sequence[Case], python: str) -> Mapping[str, object]:
    return _plain(*_client(project, cases, python))


def _played(project: Project, options: argparse.Namespace) -> tuple[str, list[Facts]]:
    if options.client == CLIENT:
        return _client(project, _chosen(CASES, options.only), options.python)
    known = f"{CLIENT}, {', '.join(sorted(project.profiles))}"
    if options.client is None:
        raise BadInput(f"name the client or agent to look at: harness fingerprint NAME, one of {known}")
    profile = project.profiles.get(options.client)
    if profile is None:
        raise BadInput(f"there is no client or profile {options.client!r}; known: {known}")
    return profile.name, _agent(project, profile, options)


def _client(project: Project, cases: Sequence[Case], python: str) -> tuple[str, list[Facts]]:
    version, facts = asyncio.run(fingerprint(project, cases, python, done=_done))
    return f"{CLIENT} {version}", facts


def _agent(project: Project, profile: Profile, options: argparse.Namespace) -> list[Facts]:
    cases = _chosen(agent_cases(profile.kind), options.only)
    hmc = options.hmc or usual_inventory(project, profile.name)
    if hmc not in project.inventories:
        raise BadInput(f"there is no inventory {hmc!r}; known: {', '.join(project.inventories)}")
    watch_s = options.watch or watch_for(profile.claims(profile.settings_with({})))
    store = RunStore(options.runs_dir or project.root / "runs", keep=KEEP)
    how = How(profile.name, hmc, watch_s, options.warp)
    return asyncio.run(fingerprint_agent(project, how, cases, store, done=_done))


def _chosen(known: Sequence[C], only: str) -> list[C]:
    cases = [case for case in known if only in case.id]
    if not cases:
        raise BadInput(f"no case has {only!r} in its name; known: {', '.join(case.id for case in known)}")
    return cases


def _watch(text: str) -> float:
    """Of an option; argparse tells what is wrong."""
    try:
        seconds = quantities.parse(text, Unit.DURATION)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if seconds < SHORTEST_WATCH_S:
        raise argparse.ArgumentTypeError(f"{text!r} is too short to see anything; write 1s or more")
    return seconds


def _done(case: Case | AgentCase) -> None:
    """Somebody is waiting, but not what reads the output."""
    if sys.stderr.isatty():
        print(f"\r{case.id:<40}", end="", file=sys.stderr, flush=True)


def _stored(file: Path) -> Mapping[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        words = f"cannot be read as a fingerprint: {error}; name a stored one, or {CLIENT}==VERSION"
        raise BadInput(f"{file}:1:1: {words}") from error
    if not isinstance(found, dict) or "cases" not in found:
        raise BadInput(f"{file}:1:1: is no fingerprint; make one by: harness fingerprint {CLIENT} --json FILE")
    return found

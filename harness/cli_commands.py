"""What `harness COMMAND` does, apart from `harness hmc`: commands about scenarios, trials and clients."""

from __future__ import annotations

import argparse
import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from harness.assembly.project import Project
from harness.assembly.trial import judge_history
from harness.core.requirements import REQUIREMENTS
from harness.core.scenario import Scenario
from harness.core.verdict import Outcome
from harness.errors import BadInput
from harness.fingerprint.command import add_fingerprint_command
from harness.report.store import HISTORY, read_history
from harness.report.text import render
from harness.scenario_file import from_document, write_schemas

SCHEMAS = Path(__file__).parent / "scenario_file"

EXIT = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 3}
"""2 is left to a wrong use of the command, as argparse has it."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to ``harness``; each sets `run`."""
    lint = commands.add_parser("lint", help="check scenario files without running anything")
    lint.add_argument("paths", type=Path, nargs="*", help="files and folders (default: scenarios)")
    lint.set_defaults(run=_lint)
    needs = commands.add_parser("requirements", help="which scenario proves which demand, and which demand has none")
    needs.add_argument("paths", type=Path, nargs="*", help="files and folders (default: scenarios)")
    needs.set_defaults(run=_requirements)
    judge = commands.add_parser("judge", help="compute the verdict of a stored trial again, and show it")
    judge.add_argument(
        "trial", type=Path, help="runs/FOLDER/ID for its newest trial, one trial's folder, or a history.jsonl"
    )
    judge.set_defaults(run=_judge)
    schema = commands.add_parser("schema", help="write the JSON Schemas for editors")
    schema.add_argument("--check", action="store_true", help="only say whether the shipped ones are current")
    schema.set_defaults(run=_schema)
    client = commands.add_parser("fingerprint", help="what a client does under each fault, one at a time")
    add_fingerprint_command(client)


def _scenarios(options: argparse.Namespace) -> list[Scenario]:
    paths = options.paths or [options.root / "scenarios"]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise BadInput(f"{', '.join(missing)}: no such file or folder; give scenario files or folders that hold some")
    found = Project(options.root.absolute()).all_scenarios([path.absolute() for path in paths])
    if not found:
        raise BadInput(f"{', '.join(map(str, paths))}: holds no *.scenario.yaml")
    return found


def _lint(options: argparse.Namespace) -> int:
    print(f"{len(_scenarios(options))} scenarios, all well-formed")
    return 0


def _requirements(options: argparse.Namespace) -> int:
    scenarios = _scenarios(options)
    for requirement, demand in REQUIREMENTS.items():
        proofs = [scenario.file for scenario in scenarios if requirement in scenario.requirements]
        print(f"{requirement:<8} {demand}")
        told = f"{len(proofs)} scenarios: {_files(proofs)}" if proofs else "GAP: no scenario"
        print(textwrap.fill(told, 120, initial_indent=" " * 9, subsequent_indent=" " * 11, break_on_hyphens=False))
    return 0


def _files(proofs: Iterable[str]) -> str:
    """Each file once, with the number of its scenarios where a matrix makes it several."""
    numbers = Counter(file.removeprefix("scenarios/").removesuffix(".scenario.yaml") for file in proofs)
    return ", ".join(f"{file} ({number})" if number > 1 else file for file, number in numbers.items())


def _judge(options: argparse.Namespace) -> int:
    file = _history_of(options.trial)
    history = read_history(file)
    if history.header is None:
        raise BadInput(
            f"{file}:1:1: does not begin with TrialBegan, so it says not what was tried; it is no whole history"
        )
    scenario = from_document(history.header.document, Project(options.root.absolute()).vocabulary)
    verdict = judge_history(scenario, history)
    print(render(f"{scenario.id}: {scenario.title}", history, verdict))
    return EXIT[verdict.outcome]


def _history_of(trial: Path) -> Path:
    places = (trial / HISTORY, trial / "latest" / HISTORY, trial)
    return next((place for place in places if place.is_file()), trial)


def _schema(options: argparse.Namespace) -> int:
    write_schemas(SCHEMAS, Project(options.root.absolute()).vocabulary, check=options.check)
    return 0

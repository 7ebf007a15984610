"""The command-line door: `harness COMMAND`, for what is not a test run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.assembly.project import Project
from harness.assembly.trial import judge_history
from harness.core.requirements import REQUIREMENTS
from harness.core.scenario import Scenario
from harness.core.verdict import Outcome
from harness.errors import BadInput, HarnessError
from harness.report.store import HISTORY, read_history
from harness.report.text import render
from harness.scenario_file import from_document, write_schemas

SCHEMAS = Path(__file__).parent / "scenario_file"

EXIT = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 3}
"""2 is left to a wrong use of the command, as argparse has it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except HarnessError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harness", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the project's folder (default: here)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    lint = commands.add_parser("lint", help="check scenario files without running anything")
    lint.add_argument("paths", type=Path, nargs="*", help="files and folders (default: scenarios)")
    lint.set_defaults(run=_lint)
    needs = commands.add_parser("requirements", help="which scenario proves which demand, and which demand has none")
    needs.add_argument("paths", type=Path, nargs="*", help="files and folders (default: scenarios)")
    needs.set_defaults(run=_requirements)
    judge = commands.add_parser("judge", help="compute the verdict of a stored trial again, and show it")
    judge.add_argument("trial", type=Path, help="a trial's folder or history.jsonl, as in runs/SCENARIO/latest")
    judge.set_defaults(run=_judge)
    schema = commands.add_parser("schema", help="write the JSON Schemas for editors")
    schema.add_argument("--check", action="store_true", help="only say whether the shipped ones are current")
    schema.set_defaults(run=_schema)
    return parser


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
        proofs = [scenario.id for scenario in scenarios if requirement in scenario.requirements]
        print(f"{requirement:<8} {demand}")
        print(f"         {len(proofs)} scenarios: {', '.join(proofs)}" if proofs else "         GAP: no scenario")
    return 0


def _judge(options: argparse.Namespace) -> int:
    file = options.trial / HISTORY if options.trial.is_dir() else options.trial
    history = read_history(file)
    if history.header is None:
        raise BadInput(
            f"{file}:1:1: does not begin with TrialBegan, so it says not what was tried; it is no whole history"
        )
    scenario = from_document(history.header.document, Project(options.root.absolute()).vocabulary)
    verdict = judge_history(scenario, history)
    print(render(f"{scenario.id}: {scenario.title}", history, verdict))
    return EXIT[verdict.outcome]


def _schema(options: argparse.Namespace) -> int:
    write_schemas(SCHEMAS, Project(options.root.absolute()).vocabulary, check=options.check)
    return 0


if __name__ == "__main__":
    sys.exit(main())

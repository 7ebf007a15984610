"""What a trial leaves in the runs folder, and by which name."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from harness.assembly.project import Project
from harness.assembly.trial import Result
from harness.assembly.warped import facts_of
from harness.core.scenario import Scenario
from harness.pytest_plugin.pages import title
from harness.report.text import render


def keep(result: Result, file: Path, project: Project) -> None:
    """Into the trial's folder, for people and other programs."""
    scenario = result.scenario
    facts = {
        "scenario": scenario.id,
        "file": os.path.relpath(file, project.root),
        "title": scenario.title,
        "requirements": list(scenario.requirements),
        "agent": scenario.agent,
        "control_plane": str(project.control_plane),
        "seed": result.seed,
        **facts_of(result),
    }
    result.folder.write(result.verdict, facts, render(title(result), result.history, result.verdict))


def store_name(root: Path, file: Path, scenario: Scenario) -> str:
    """The scenario's folder below the runs folder: as the file lies below the project, so that no two meet."""
    try:
        home = file.relative_to(root).parent
    except ValueError:
        home = Path(file.parent.name)
    # A value of the matrix may hold a slash, as in 20B/s.
    return (home / scenario.id.replace("/", "_")).as_posix().removeprefix("scenarios/")


def trial_id() -> str:
    """Sorts by time; unique between processes."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}"

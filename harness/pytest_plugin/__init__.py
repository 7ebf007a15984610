"""The pytest door: scenario files are collected as tests, one for each combination of a file's matrix.

    items.py (what is collected) -> shared.py (plays it) -> artifacts.py (keeps it) and pages.py (shows it)

__init__.py    pytest's hooks, which have to be in the module that is registered
options.py     the harness's options on pytest's command line, and the project as they want it
choice.py      which scenarios a run leaves out, and why
items.py       ScenarioFile, ScenarioItem: a scenario file, and a trial of it, as pytest knows them
shared.py      Shared: what all trials of a process share, and how it plays them
artifacts.py   what a trial leaves in the runs folder, and by which name
pages.py       a trial as its reader sees it: title, page, colours, what to type to play it again
endings.py     how a run ends before its time: SIGTERM, and a parent that is gone

Public pytest interfaces only. With xdist, each worker process plays its own trials; all scenario files are read in
the controller first, since a collection error in a worker would not stop the others.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.assembly.project import is_scenario, scenario_files
from harness.core.profile import PlaneKind
from harness.core.verdict import Outcome
from harness.errors import BadInput, EngineFailed
from harness.pytest_plugin.choice import LEFT_OUT, by_reason, is_wanted, named
from harness.pytest_plugin.endings import die_with_parent
from harness.pytest_plugin.items import ScenarioFile, ScenarioItem
from harness.pytest_plugin.options import add_options, project_of
from harness.pytest_plugin.shared import NEUTRON_INPUT, SEED_INPUT, SHARED, Shared


def pytest_addoption(parser: pytest.Parser) -> None:
    """The harness's options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Set up what all items of this process share."""
    config.stash[SHARED] = Shared(config, project_of(config))
    if hasattr(config, "workerinput"):
        die_with_parent()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the trials of this process shared."""
    shared = config.stash.get(SHARED, None)
    if shared is not None:
        shared.close()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse every bad scenario file before anything starts, also where xdist would go on."""
    config = session.config
    if hasattr(config, "workerinput"):
        return
    paths = [path for path in named(config) if path.is_dir() or is_scenario(path)]
    if not scenario_files([p for p in paths if p.exists()]):
        return
    project = config.stash[SHARED].project
    try:
        scenarios = project.all_scenarios([p for p in paths if p.exists()])
        config.stash[LEFT_OUT] = {f"{s.file}::{s.id}": why for s in scenarios if (why := project.unfit(s))}
    except BadInput as error:
        raise pytest.UsageError(f"nothing was started, because this has to be mended first:\n{error}") from error


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect scenario files."""
    if is_scenario(file_path):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is nightly, and what the L4 engine cannot do; `pytest_terminal_summary` says what and why."""
    project = config.stash[SHARED].project
    trials = [item for item in items if isinstance(item, ScenarioItem)]
    unfit = {item for item in trials if project.unfit(item.scenario) or not is_wanted(config, item)}
    if unfit:
        config.hook.pytest_deselected(items=list(unfit))
        items[:] = [item for item in items if item not in unfit]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the scenarios, of all files that were named, that the chosen L4 engine kept from being played."""
    left_out = config.stash.get(LEFT_OUT, {})
    if left_out:
        project = config.stash[SHARED].project
        how = f"{project.l4_engine} as engine and {project.control_plane} as control plane"
        terminalreporter.section(f"not played: {len(left_out)} scenarios do not go with {how}")
        for why, names in by_reason(left_out).items():
            terminalreporter.write_line(f"{why}: {', '.join(names)}")


def pytest_report_header(config: pytest.Config) -> str:
    """Name the seed, so that any run can be repeated."""
    shared = config.stash[SHARED]
    return f"harness: --seed {shared.seed}, artifacts in {shared.store.root}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Hand this run's seed, and where its Neutron is, to an xdist worker."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]  # xdist's WorkerController, which has no types
    shared = config.stash[SHARED]
    node.workerinput[SEED_INPUT] = shared.seed  # type: ignore[attr-defined]  # as above
    if shared.project.control_plane is PlaneKind.NEUTRON and not config.option.collectonly:
        try:
            there = shared.neutron().to_text()
        except EngineFailed as error:
            raise pytest.UsageError(f"--control-plane neutron: {error}") from error
        node.workerinput[NEUTRON_INPUT] = there  # type: ignore[attr-defined]  # as above


def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """UNKNOWN is a failure with a word of its own."""
    if not isinstance(report, pytest.TestReport):
        return None
    outcome = dict(report.user_properties).get("verdict")
    if report.when == "call" and report.failed and outcome == str(Outcome.UNKNOWN):
        return "failed", "U", "UNKNOWN"
    return None

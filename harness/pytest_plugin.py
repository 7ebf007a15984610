"""The pytest door: scenario files are collected as tests, one for each combination of a file's matrix.

Public pytest interfaces only. With xdist, each worker process plays its own trials; all scenario files are read in
the controller first, since a collection error in a worker would not stop the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import hashlib
import os
import random
import signal
import sys
from collections.abc import Coroutine, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.assembly.project import L4_ENGINES, Project, is_scenario, scenario_files
from harness.assembly.trial import Result, run_trial
from harness.assembly.warped import Wish, facts_of, played_until_it_stands, wish_of
from harness.assembly.worker import Worker
from harness.control_plane.neutron import Addresses, Kept
from harness.core.profile import PlaneKind
from harness.core.scenario import Scenario
from harness.core.verdict import Outcome
from harness.errors import BadInput, EngineFailed, HarnessError
from harness.report.store import RunStore
from harness.report.text import render

KEEP = 5
"""So many trials of each scenario stay in the runs folder."""


class NotProved(Exception):
    """A trial's verdict is not PASS; carries what a person needs to see."""

    def __init__(self, result: Result) -> None:
        super().__init__(str(result.verdict.outcome))
        self.result = result


NIGHTLY = "nightly"
"""Tag of scenarios that are too long for each run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The harness's options."""
    group = parser.getgroup("hmc-resilience-harness", "trials of agents before a sick HMC")
    group.addoption("--seed", type=int, default=None, help="seed of all randomness; by default a new one each run")
    group.addoption("--runs-dir", default="runs", help="where each trial leaves its artifacts (default: runs)")
    group.addoption("--keep-runs", type=int, default=KEEP, help=f"trials kept of each scenario (default: {KEEP})")
    group.addoption(
        "--profiles", action="append", default=[], help="a further folder with profiles of agents; may be given again"
    )
    group.addoption("--nightly", action="store_true", help="play also what takes long: scenarios with the tag nightly")
    words = "what carries out the faults of connections and bytes (default: relay); see docs/engines.md"
    group.addoption("--l4-engine", choices=L4_ENGINES, default=L4_ENGINES[0], help=words)
    words = "where agents report: embedded (default) or neutron, a real one; see docs/neutron.md"
    group.addoption("--control-plane", type=PlaneKind, choices=list(PlaneKind), default=PlaneKind.EMBEDDED, help=words)
    words = "SQLAlchemy's URL of an empty database for the run's Neutron (default: an SQLite file of its own)"
    group.addoption("--neutron-database", default="", metavar="URL", help=words)
    words = "how fast clocks run in all trials: auto, off (real time) or a factor (default: as each scenario says)"
    group.addoption("--warp", type=wish_of, default=None, metavar="auto|off|N", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Set up what all items of this process share."""
    folders = tuple(Path(folder).absolute() for folder in config.getoption("--profiles"))
    project = Project(
        config.rootpath, folders, config.getoption("--l4-engine"), PlaneKind(config.getoption("--control-plane"))
    )
    config.stash[_SHARED] = _Shared(config, project)
    if hasattr(config, "workerinput"):
        _die_with_parent()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the trials of this process shared."""
    shared = config.stash.get(_SHARED, None)
    if shared is not None:
        shared.close()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse every bad scenario file before anything starts, also where xdist would go on."""
    config = session.config
    if hasattr(config, "workerinput"):
        return
    named = [config.invocation_params.dir / str(arg).partition("::")[0] for arg in config.args]
    paths = [path for path in named if path.is_dir() or is_scenario(path)]
    if not scenario_files([p for p in paths if p.exists()]):
        return
    project = config.stash[_SHARED].project
    try:
        scenarios = project.all_scenarios([p for p in paths if p.exists()])
        config.stash[_LEFT_OUT] = {f"{s.file}::{s.id}": why for s in scenarios if (why := project.unfit(s))}
    except BadInput as error:
        raise pytest.UsageError(f"nothing was started, because this has to be mended first:\n{error}") from error


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect scenario files."""
    if is_scenario(file_path):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is nightly, and what the L4 engine cannot do; `pytest_terminal_summary` says what and why."""
    project = config.stash[_SHARED].project
    trials = [item for item in items if isinstance(item, ScenarioItem)]
    unfit = {item for item in trials if project.unfit(item.scenario) or not _is_wanted(config, item)}
    if unfit:
        config.hook.pytest_deselected(items=list(unfit))
        items[:] = [item for item in items if item not in unfit]


def _is_wanted(config: pytest.Config, item: ScenarioItem) -> bool:
    """What takes long is played only when it is asked for: by the option, by -m, or by its file's or its own name."""
    if NIGHTLY not in item.scenario.tags or config.getoption("--nightly") or NIGHTLY in config.option.markexpr:
        return True
    named = (config.invocation_params.dir / str(arg).partition("::")[0] for arg in config.args)
    return item.path in named


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the scenarios, of all files that were named, that the chosen L4 engine kept from being played."""
    left_out = config.stash.get(_LEFT_OUT, {})
    if left_out:
        project = config.stash[_SHARED].project
        how = f"{project.l4_engine} as engine and {project.control_plane} as control plane"
        terminalreporter.section(f"not played: {len(left_out)} scenarios do not go with {how}")
        for why, names in _by_reason(left_out).items():
            terminalreporter.write_line(f"{why}: {', '.join(names)}")


def pytest_report_header(config: pytest.Config) -> str:
    """Name the seed, so that any run can be repeated."""
    shared = config.stash[_SHARED]
    return f"harness: --seed {shared.seed}, artifacts in {shared.store.root}"


def _by_reason(left_out: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for name, why in left_out.items():
        reasons.setdefault(why, []).append(name)
    return reasons


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Hand this run's seed, and where its Neutron is, to an xdist worker."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]  # xdist's WorkerController, which has no types
    shared = config.stash[_SHARED]
    node.workerinput["hmc_harness_seed"] = shared.seed  # type: ignore[attr-defined]  # as above
    if shared.project.control_plane is PlaneKind.NEUTRON and not config.option.collectonly:
        try:
            there = shared.neutron().to_text()
        except EngineFailed as error:
            raise pytest.UsageError(f"--control-plane neutron: {error}") from error
        node.workerinput["hmc_harness_neutron"] = there  # type: ignore[attr-defined]  # as above


def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """UNKNOWN is a failure with a word of its own."""
    if not isinstance(report, pytest.TestReport):
        return None
    outcome = dict(report.user_properties).get("verdict")
    if report.when == "call" and report.failed and outcome == str(Outcome.UNKNOWN):
        return "failed", "U", "UNKNOWN"
    return None


class ScenarioFile(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterator[ScenarioItem]:
        """One item for each combination of the matrix."""
        project = self.config.stash[_SHARED].project
        try:
            scenarios = project.scenarios(self.path)
        except BadInput as error:
            raise self.CollectError(str(error)) from error
        for scenario in scenarios:
            yield ScenarioItem.from_parent(self, name=scenario.id, scenario=scenario)


class ScenarioItem(pytest.Item):
    """One trial."""

    def __init__(self, *, scenario: Scenario, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest's own signature takes what from_parent was given
        self.scenario = scenario
        words = (*scenario.tags, *scenario.requirements, scenario.agent)
        self.extra_keyword_matches.update(words)
        for word in words:
            _declare_marker(self.config, word)
            self.add_marker(word)

    def runtest(self) -> None:
        """Play the trial.

        Raises:
            NotProved: the verdict is FAIL or UNKNOWN.
            HarnessError: it could not be played, and a person has to mend something.
        """
        self.user_properties.append(("requirements", " ".join(self.scenario.requirements)))
        outcome = Outcome.UNKNOWN
        try:
            result = self.config.stash[_SHARED].play(self.scenario, self.path)
            outcome = result.verdict.outcome
        finally:
            self.user_properties.append(("verdict", str(outcome)))
        self.user_properties.append(("artifacts", str(result.folder.path)))
        self.user_properties.append(("seed", result.seed))
        if outcome is not Outcome.PASS:
            raise NotProved(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **options: Any) -> Any:
        """The trial as text for a verdict, the words alone for what a person has to mend."""
        error = excinfo.value
        if isinstance(error, NotProved):
            return _page(error.result, self.config)
        if isinstance(error, HarnessError):
            return f"UNKNOWN: the trial could not be played - {self.scenario.title}\n  {error}"
        return super().repr_failure(excinfo, *args, **options)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the scenario stands, and its title."""
        return self.path, self.scenario.place.line - 1, f"{self.scenario.id}: {self.scenario.title}"


class _Shared:
    """What all items of this process share. The loop lives as long as the process, since mitmproxy is kept."""

    def __init__(self, config: pytest.Config, project: Project) -> None:
        given: int | None = config.getoption("--seed")
        handed: dict[str, Any] = getattr(config, "workerinput", {})
        self.seed: int = handed.get(
            "hmc_harness_seed", given if given is not None else random.SystemRandom().getrandbits(32)
        )
        self.project = project
        self.warp = config.getoption("--warp")
        self.store = RunStore(config.rootpath / config.getoption("--runs-dir"), config.getoption("--keep-runs"))
        self.neutron_database: str = config.getoption("--neutron-database")
        there = handed.get("hmc_harness_neutron")
        self._shared_neutron = Addresses.from_text(there) if there else None
        self._kept: Kept | None = None
        self._runner: asyncio.Runner | None = None
        self._worker: Worker | None = None

    def neutron(self) -> Addresses:
        """The Neutron that the workers of this run share, started when it is first asked for; blocks for seconds.

        Raises:
            EngineFailed: it cannot be started; says what to do.
        """
        if self._kept is None:
            self._kept = Kept.start(self.project.root, database=self.neutron_database)
        return self._kept.addresses

    def _neutron_of_the_run(self) -> Addresses | None:
        """What workers were told of. One process alone needs none, but to use the database that a person has named."""
        if self._shared_neutron is None and self.neutron_database and self.project.control_plane is PlaneKind.NEUTRON:
            return self.neutron()
        return self._shared_neutron

    def play(self, scenario: Scenario, file: Path) -> Result:
        """Run a trial, and again while the speed of its clock may be why it failed; store what each leaves."""
        if self._runner is None or self._worker is None:
            self._worker = Worker(self.project, self._neutron_of_the_run())
            self._runner = asyncio.Runner()
        worker = self._worker
        trials = played_until_it_stands(
            lambda wish, earlier: self._play_once(worker, scenario, file, wish, earlier), self.warp
        )
        with _former_handler(signal.SIGTERM):
            return self._runner.run(_until_terminated(trials))

    async def _play_once(
        self, worker: Worker, scenario: Scenario, file: Path, warp: Wish | None, earlier: str
    ) -> Result:
        seed = seed_of(self.seed, f"{scenario.file}::{scenario.id}")
        folder = self.store.open(_store_name(self.project.root, file, scenario), _trial_id())
        result = await run_trial(worker, scenario, seed=seed, folder=folder, warp=warp, earlier=earlier)
        self._keep(result, file)
        return result

    def _keep(self, result: Result, file: Path) -> None:
        """Into the trial's folder, for people and other programs."""
        scenario = result.scenario
        facts = {
            "scenario": scenario.id,
            "file": os.path.relpath(file, self.project.root),
            "title": scenario.title,
            "requirements": list(scenario.requirements),
            "agent": scenario.agent,
            "control_plane": str(self.project.control_plane),
            "seed": result.seed,
            **facts_of(result),
        }
        result.folder.write(result.verdict, facts, render(_title(result), result.history, result.verdict))

    def close(self) -> None:
        """End what trials shared."""
        if self._runner is not None and self._worker is not None:
            self._runner.run(self._worker.close())
            self._runner.close()
            self._runner = self._worker = None
        if self._kept is not None:
            self._kept.close()
            self._kept = None


_SHARED = pytest.StashKey[_Shared]()
_LEFT_OUT = pytest.StashKey[dict[str, str]]()


def seed_of(run: int, scenario: str) -> int:
    """A scenario's own seed in a run: the same whatever else is run, in whatever order and process."""
    return int.from_bytes(hashlib.sha256(f"{run}:{scenario}".encode()).digest()[:4], "big")


def _title(result: Result) -> str:
    return f"{result.scenario.id}: {result.scenario.title}"


def _page(result: Result, config: pytest.Config) -> str:
    shared = config.stash[_SHARED]
    # Without a terminal (-p no:terminal, an IDE's own reporter) pytest has no writer to ask.
    color = config.pluginmanager.has_plugin("terminalreporter") and config.get_terminal_writer().hasmarkup
    page = render(_title(result), result.history, result.verdict, _paint if color else lambda text, _: text)
    where = os.path.relpath(result.folder.path, config.invocation_params.dir)
    return f"{page}\n\nArtifacts: {where}\nAgain: pytest '{_node(result, config)}' --seed {shared.seed}"


def _node(result: Result, config: pytest.Config) -> str:
    file = os.path.relpath(config.rootpath / result.scenario.file, config.invocation_params.dir)
    return f"{file}::{result.scenario.id}"


def _paint(text: str, outcome: Outcome) -> str:
    return f"\x1b[{ {Outcome.PASS: 32, Outcome.UNKNOWN: 33, Outcome.FAIL: 31}[outcome] }m{text}\x1b[0m"


def _store_name(root: Path, file: Path, scenario: Scenario) -> str:
    """The scenario's folder below the runs folder: as the file lies below the project, so that no two meet."""
    try:
        home = file.relative_to(root).parent
    except ValueError:
        home = Path(file.parent.name)
    # A value of the matrix may hold a slash, as in 20B/s.
    return (home / scenario.id.replace("/", "_")).as_posix().removeprefix("scenarios/")


def _trial_id() -> str:
    """Sorts by time; unique between processes."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}"


def _declare_marker(config: pytest.Config, word: str) -> None:
    """Tags and requirement ids are marks; pytest refuses marks that it was not told of."""
    known: set[str] = config.stash.setdefault(_MARKERS, set())
    if word not in known:
        known.add(word)
        config.addinivalue_line("markers", f"{word}: of scenarios")


_MARKERS = pytest.StashKey[set[str]]()


async def _until_terminated(trial: Coroutine[Any, Any, Result]) -> Result:
    """SIGTERM clears up as Ctrl-C does, also in a shell's background, where SIGINT is ignored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await trial
    except asyncio.CancelledError:
        if terminated:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@contextlib.contextmanager
def _former_handler(number: signal.Signals) -> Iterator[None]:
    """Afterwards the signal has its former meaning again."""
    before = signal.getsignal(number)
    try:
        yield
    finally:
        signal.signal(number, before)


_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def _die_with_parent() -> None:
    """An xdist worker whose controller was killed would play on for up to a quarter of a minute."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

"""What all trials of a process share, and how it plays them one after the other."""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.warped import Wish, played_until_it_stands
from harness.assembly.worker import Worker
from harness.control_plane.neutron import Addresses, Kept
from harness.core.profile import PlaneKind
from harness.core.scenario import Scenario
from harness.pytest_plugin.artifacts import keep, store_name, trial_id
from harness.pytest_plugin.endings import former_handler, until_terminated
from harness.report.store import RunStore

SEED_INPUT, NEUTRON_INPUT = "hmc_harness_seed", "hmc_harness_neutron"
"""By these names an xdist worker is handed the run's seed, and where its Neutron is."""


class Shared:
    """What all items of this process share. The loop lives as long as the process, since mitmproxy is kept."""

    def __init__(self, config: pytest.Config, project: Project) -> None:
        given: int | None = config.getoption("--seed")
        handed: dict[str, Any] = getattr(config, "workerinput", {})
        self.seed: int = handed.get(SEED_INPUT, given if given is not None else random.SystemRandom().getrandbits(32))
        self.project = project
        self.warp = config.getoption("--warp")
        self.store = RunStore(config.rootpath / config.getoption("--runs-dir"), config.getoption("--keep-runs"))
        self.neutron_database: str = config.getoption("--neutron-database")
        there = handed.get(NEUTRON_INPUT)
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
        trials = played_until_it_stands(lambda wish: self._play_once(worker, scenario, file, wish), self.warp)
        with former_handler(signal.SIGTERM):
            return self._runner.run(until_terminated(trials))

    async def _play_once(self, worker: Worker, scenario: Scenario, file: Path, warp: Wish | None) -> Result:
        seed = seed_of(self.seed, f"{scenario.file}::{scenario.id}")
        folder = self.store.open(store_name(self.project.root, file, scenario), trial_id())
        result = await run_trial(worker, scenario, seed=seed, folder=folder, warp=warp)
        keep(result, file, self.project)
        return result

    def close(self) -> None:
        """End what trials shared."""
        if self._runner is not None and self._worker is not None:
            self._runner.run(self._worker.close())
            self._runner.close()
            self._runner = self._worker = None
        if self._kept is not None:
            self._kept.close()
            self._kept = None


SHARED = pytest.StashKey[Shared]()


def seed_of(run: int, scenario: str) -> int:
    """A scenario's own seed in a run: the same whatever else is run, in whatever order and process."""
    return int.from_bytes(hashlib.sha256(f"{run}:{scenario}".encode()).digest()[:4], "big")

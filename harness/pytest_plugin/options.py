"""The harness's options on pytest's command line, and the project as they want it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.assembly.project import L4_ENGINES, Project
from harness.assembly.warped import wish_of
from harness.core.profile import PlaneKind

KEEP = 5
"""So many trials of each scenario stay in the runs folder."""


def add_options(parser: pytest.Parser) -> None:
    """Each with what `pytest --help` says of it."""
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


def project_of(config: pytest.Config) -> Project:
    """The project whose root is pytest's."""
    folders = tuple(Path(folder).absolute() for folder in config.getoption("--profiles"))
    return Project(
        config.rootpath, folders, config.getoption("--l4-engine"), PlaneKind(config.getoption("--control-plane"))
    )

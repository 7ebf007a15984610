"""Which scenarios a run leaves out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.pytest_plugin.items import ScenarioItem

NIGHTLY = "nightly"
"""Tag of scenarios that are too long for each run."""

LEFT_OUT = pytest.StashKey[dict[str, str]]()
"""By scenario, as pytest names it, why the chosen engines cannot play it."""


def named(config: pytest.Config) -> list[Path]:
    """The files and folders that were given to pytest; they need not be there."""
    return [config.invocation_params.dir / str(arg).partition("::")[0] for arg in config.args]


def is_wanted(config: pytest.Config, item: ScenarioItem) -> bool:
    """What takes long is played only when it is asked for: by the option, by -m, or by its file's or its own name."""
    if NIGHTLY not in item.scenario.tags or config.getoption("--nightly") or NIGHTLY in config.option.markexpr:
        return True
    return item.path in named(config)


def by_reason(left_out: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of the scenarios that were left out, by why they were."""
    reasons: dict[str, list[str]] = {}
    for name, why in left_out.items():
        reasons.setdefault(why, []).append(name)
    return reasons

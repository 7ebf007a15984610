"""A trial as its reader sees it: title, page, colours, and what to type to play it again."""

from __future__ import annotations

import os

import pytest

from harness.assembly.trial import Result
from harness.core.verdict import Outcome
from harness.report.text import render


def title(result: Result) -> str:
    """The scenario's id and its own title."""
    return f"{result.scenario.id}: {result.scenario.title}"


def page(result: Result, config: pytest.Config, seed: int) -> str:
    """What pytest prints of a trial that is no PASS. `seed` is the run's, with which it can be played again."""
    # Without a terminal (-p no:terminal, an IDE's own reporter) pytest has no writer to ask.
    color = config.pluginmanager.has_plugin("terminalreporter") and config.get_terminal_writer().hasmarkup
    text = render(title(result), result.history, result.verdict, _paint if color else lambda text, _: text)
    where = os.path.relpath(result.folder.path, config.invocation_params.dir)
    return f"{text}\n\nArtifacts: {where}\nAgain: pytest '{_node(result, config)}' --seed {seed}"


def _node(result: Result, config: pytest.Config) -> str:
    file = os.path.relpath(config.rootpath / result.scenario.file, config.invocation_params.dir)
    return f"{file}::{result.scenario.id}"


def _paint(text: str, outcome: Outcome) -> str:
    return f"\x1b[{ {Outcome.PASS: 32, Outcome.UNKNOWN: 33, Outcome.FAIL: 31}[outcome] }m{text}\x1b[0m"

"""Where the artifacts of trials lie: ``runs/<scenario>/<id>/``, the newest under ``latest``.

history.jsonl   every event, one JSON object a line; the verdict can be computed again from it
verdict.json    outcome and findings
agent.log       what the agent printed, without its secrets
trial.txt       the trial as text
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from harness.core.events import Event, decode
from harness.core.history import History
from harness.core.verdict import Finding, Verdict
from harness.errors import BadInput
from harness.guard.folder import create_locked, unowned

HISTORY = "history.jsonl"
VERDICT = "verdict.json"
AGENT_LOG = "agent.log"
TRIAL = "trial.txt"
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class TrialFolder:
    """The folder of one trial."""

    path: Path

    @property
    def history(self) -> Path:
        """The recorded events."""
        return self.path / HISTORY

    def open_history(self) -> TextIO:
        """To be written; half a character that an agent sent becomes an escape of JSON, and is read back as it was.

        As long as it is open the trial is in progress and cannot be pruned.
        """
        return open(create_locked(self.history, 0o666), "w", encoding="utf-8", errors="backslashreplace")

    @property
    def agent_log(self) -> Path:
        """What the agent printed."""
        return self.path / AGENT_LOG

    def write(self, verdict: Verdict, facts: dict[str, object], text: str) -> None:
        """Store the verdict, with facts about the trial, and the trial as text."""
        data = {
            "outcome": str(verdict.outcome),
            **facts,
            "findings": [_told(finding) for finding in verdict.findings],
        }
        _write(self.path / VERDICT, json.dumps(data, indent=2, ensure_ascii=False))
        _write(self.path / TRIAL, text)


def _told(finding: Finding) -> dict[str, object]:
    told: dict[str, object] = {
        "check": finding.check,
        "outcome": str(finding.outcome),
        "words": finding.words,
        "t": finding.t,
    }
    return told if finding.machine_s is None else {**told, "machine_s": round(finding.machine_s, 3)}


def _write(file: Path, text: str) -> None:
    """A path or word that an agent sent may be no valid text; it must not cost the verdict."""
    file.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class RunStore:
    """The folder of all trials; several processes may use it at the same time."""

    root: Path
    keep: int
    """So many trials of each scenario stay; older ones are removed when a new one begins, those in progress never."""

    def open(self, scenario: str, trial: str) -> TrialFolder:
        """Make the folder of a new trial, let ``latest`` point to it, and prune.

        Args:
            scenario: the scenario's name, which may hold slashes.
            trial: unique within the scenario, and sorting by time.

        Raises:
            BadInput: the place cannot be written.
        """
        home = self.root.joinpath(*scenario.split("/"))
        folder = home / trial
        try:
            folder.mkdir(parents=True)
            _point(home / LATEST, trial)
            self._prune(home, trial)
        except OSError as error:
            raise BadInput(
                f"{folder}: cannot keep a trial here: {error.strerror}; choose another --runs-dir"
            ) from error
        return TrialFolder(folder)

    def _prune(self, home: Path, newest: str) -> None:
        trials = sorted(p for p in _folders(home) if (p / HISTORY).exists() and p.name != newest)
        for old in trials[: max(0, len(trials) - self.keep + 1)]:
            # Another process may play this one yet, or prune it too: what is gone is gone.
            with contextlib.suppress(OSError), unowned(old / HISTORY):
                shutil.rmtree(old, ignore_errors=True)


def _folders(home: Path) -> Iterable[Path]:
    return (Path(entry.path) for entry in os.scandir(home) if entry.is_dir(follow_symlinks=False))


def _point(link: Path, target: str) -> None:
    """Atomically, so that a reader finds either the old or the new one."""
    fresh = link.with_name(f".{LATEST}-{os.getpid()}-{target}")
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)


def read_history(path: Path) -> History:
    """Read a stored history; a last line that a kill cut short is left out.

    Raises:
        BadInput: the file cannot be read or is no history; names the line.
    """
    try:
        # Only "\n" ends an event: an agent may print any of the other characters that splitlines knows.
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}; give runs/FOLDER/ID, or a trial's history.jsonl") from error
    return History.of(_events(path, text.removesuffix("\n").split("\n") if text else []))


def _events(path: Path, lines: list[str]) -> Iterable[Event]:
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
        except ValueError as error:
            if number == len(lines) > 1:
                return
            raise BadInput(f"{path}:{number}:1: no JSON ({error}); give the history.jsonl of a trial") from error
        try:
            yield decode(data if isinstance(data, dict) else {})
        except ValueError as error:
            raise BadInput(f"{path}:{number}:1: {error}") from error

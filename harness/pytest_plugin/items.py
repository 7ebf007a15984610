"""A scenario file, and a trial of it, as pytest knows them: a collector, and an item with marks and a place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.assembly.trial import Result
from harness.core.scenario import Scenario
from harness.core.verdict import Outcome
from harness.errors import BadInput, HarnessError
from harness.pytest_plugin.pages import page
from harness.pytest_plugin.shared import SHARED

_MARKERS = pytest.StashKey[set[str]]()


class NotProved(Exception):
    """A trial's verdict is not PASS; carries what a person needs to see."""

    def __init__(self, result: Result) -> None:
        super().__init__(str(result.verdict.outcome))
        self.result = result


class ScenarioFile(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterator[ScenarioItem]:
        """One item for each combination of the matrix."""
        project = self.config.stash[SHARED].project
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
            result = self.config.stash[SHARED].play(self.scenario, self.path)
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
            return page(error.result, self.config, self.config.stash[SHARED].seed)
        if isinstance(error, HarnessError):
            return f"UNKNOWN: the trial could not be played - {self.scenario.title}\n  {error}"
        return super().repr_failure(excinfo, *args, **options)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the scenario stands, and its title."""
        return self.path, self.scenario.place.line - 1, f"{self.scenario.id}: {self.scenario.title}"


def _declare_marker(config: pytest.Config, word: str) -> None:
    """Tags and requirement ids are marks; pytest refuses marks that it was not told of."""
    known: set[str] = config.stash.setdefault(_MARKERS, set())
    if word not in known:
        known.add(word)
        config.addinivalue_line("markers", f"{word}: of scenarios")

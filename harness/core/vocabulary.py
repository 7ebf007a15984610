"""The words that a scenario may use, as a value: the loader is handed it, so that no room needs to know another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from harness.core.commands import Command
from harness.core.scenario import Condition
from harness.core.verdict import Check


class Action(Protocol):
    """A fault or change with its settings."""

    def command(self) -> Command:
        """What an engine has to carry out."""
        ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Each mapping is from the word to the frozen dataclass whose fields are its settings."""

    faults: Mapping[str, type[Action]]
    changes: Mapping[str, type[Action]]
    checks: Mapping[str, type[Check]]
    conditions: Mapping[str, type[Condition]]
    engines: Mapping[str, frozenset[type[Command]]]
    """What each engine carries out; where several could, the first one named here does."""
    requirements: Mapping[str, str]
    agents: Mapping[str, Mapping[str, str]]
    """By each profile's name the settings that a scenario may override, with their defaults."""
    inventories: frozenset[str]

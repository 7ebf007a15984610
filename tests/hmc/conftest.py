"""What the unit tests of the mock HMC share: a clock that stands still, and a console without a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.hmc import HmcSettings, Inventory
from harness.hmc.ids import Ids
from harness.hmc.jobs import Jobs
from harness.hmc.model import Model
from harness.hmc.operations import Console
from harness.hmc.sessions import Sessions

INVENTORIES = Path(__file__).parents[2] / "scenarios" / "inventories"


@dataclass
class Told:
    """Time that only moves when told to, and what sessions told."""

    now_s: float = 1000.0
    said: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)

    def now(self) -> float:
        return self.now_s

    def tell(self, user: str, what: str) -> None:
        self.said.append((user, what))

    def hide(self, text: str, name: str) -> None:
        self.hidden.append((text, name))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def sessions(told: Told) -> Sessions:
    users = {"agent": "secret", "other": "secret2"}
    return Sessions(users, idle_s=60, ids=Ids(1), now=told.now, tell=told.tell, hide=told.hide)


@pytest.fixture(scope="session")
def two_nics() -> Inventory:
    return Inventory.load(INVENTORIES / "two-nics.yaml")


@pytest.fixture(scope="session")
def classic() -> Inventory:
    return Inventory.load(INVENTORIES / "classic.yaml")


def make_console(inventory: Inventory, told: Told, sessions: Sessions) -> Console:
    ids = Ids(2)
    settings = HmcSettings(users={}, job_seconds=10)
    return Console(Model(inventory, ids), sessions, Jobs(now=told.now, ids=ids), settings)


@pytest.fixture
def console(two_nics: Inventory, told: Told, sessions: Sessions) -> Console:
    return make_console(two_nics, told, sessions)


@pytest.fixture
def classic_console(classic: Inventory, told: Told, sessions: Sessions) -> Console:
    return make_console(classic, told, sessions)

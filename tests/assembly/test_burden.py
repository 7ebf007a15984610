"""What a warped trial costs is watched, and an agent whose clock is not warped is found out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.assembly import burden
from harness.assembly.burden import BurdenWatch
from harness.core.events import ComponentCrashed, Event, WarpBurden
from harness.engines.warp.burden import Burden
from harness.engines.warp.warp import Drift


@dataclass
class Notes:
    """A recorder, and an event for who waits for one of a kind."""

    events: list[Event] = field(default_factory=list)
    awaited: type[Event] = Event
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, self.awaited):
            self.came.set()


@dataclass
class FakeMeter:
    """The agent has used a CPU second and waited for a half."""

    pid: int
    factor: float

    def sample(self) -> None: ...

    def burden(self) -> Burden:
        return Burden(factor=self.factor, wall_s=10.0, cpu_s=1.0, waited_s=0.5, late_s=0.0)


def watch(notes: Notes, *, reaches: bool, drift_s: float = 0.0, pid: int = 7) -> tuple[BurdenWatch, Any]:
    warp = SimpleNamespace(
        factor=60.0, reaches=lambda _: reaches, drift=lambda: Drift(least_s=drift_s, most_s=drift_s + 1)
    )
    agent = SimpleNamespace(process=SimpleNamespace(pid=pid, exited=asyncio.Event()))
    return BurdenWatch(cast(Any, warp), cast(Any, agent), cast(Any, notes)), agent


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "LOOK_S", 0.001)
    monkeypatch.setattr(burden, "LOADED_WITHIN_S", 0.005)
    monkeypatch.setattr(burden, "BurdenMeter", FakeMeter)


def played(watched: BurdenWatch, notes: Notes, until: type[Event]) -> None:
    notes.awaited = until

    async def play() -> None:
        watched.begin()
        await asyncio.wait_for(notes.came.wait(), 10)
        await watched.finish()

    asyncio.run(play())


def test_it_is_told_in_the_agents_seconds_and_with_the_drift_at_the_end() -> None:
    notes = Notes()
    watched, _ = watch(notes, reaches=True, drift_s=0.25)
    played(watched, notes, WarpBurden)
    last = notes.events[-1]
    assert isinstance(last, WarpBurden)
    assert (last.cpu_s, last.waited_s, last.drift_s) == (59.0, 30.0, 0.25)
    assert not [event for event in notes.events if isinstance(event, ComponentCrashed)]


def test_an_agent_that_has_not_loaded_the_library_makes_the_trial_unknown() -> None:
    notes = Notes()
    watched, _ = watch(notes, reaches=False)
    played(watched, notes, ComponentCrashed)
    crashed = [event for event in notes.events if isinstance(event, ComponentCrashed)]
    assert [event.component for event in crashed] == ["warp"]
    assert "runs in real time" in crashed[0].error


def test_what_an_agent_used_before_it_was_started_again_is_kept() -> None:
    notes = Notes()
    watched, agent = watch(notes, reaches=True)

    async def play() -> None:
        watched._look()
        agent.process.pid = 8
        watched._look()
        await watched.finish()

    asyncio.run(play())
    last = notes.events[-1]
    assert isinstance(last, WarpBurden)
    assert (last.cpu_s, last.waited_s) == (118.0, 60.0)

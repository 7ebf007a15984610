"""What a warped trial costs is watched, and an agent whose clock is not warped is found out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.assembly import burden
from harness.assembly.burden import BurdenWatch
from harness.core.events import Event, Unwarped, WarpBurden
from harness.engines.warp.burden import Burden
from harness.engines.warp.clock import Factor, Origin
from harness.engines.warp.roll import Entry
from harness.engines.warp.warp import Warp


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
    itself: bool = True

    def also(self, pid: int) -> None: ...

    def sample(self) -> None: ...

    def burden(self) -> Burden:
        return Burden(factor=self.factor, wall_s=10.0, cpu_s=1.0, waited_s=0.5, late_s=0.0)


@dataclass
class FakeRoll:
    """What programs have told."""

    told: list[Entry] = field(default_factory=list)

    def entries(self) -> list[Entry]:
        return self.told


ORIGIN = Origin(monotonic=0, realtime=0, boottime=0)
WARP = Warp(speed=Factor.of(60), library=Path("/cache/warp.so"), origin=ORIGIN, measured=())
NO_PID = 2**30
"""Above any that there is."""


def told(pid: int, drift_ns: int = 0) -> Entry:
    return Entry(pid=pid, before_ns=5, shown_ns=300 + drift_ns, after_ns=5)


def program(who: str, pid: int) -> Any:
    process = SimpleNamespace(pid=pid, guard_pid=0, exited=asyncio.Event())
    process.exited.set()
    return SimpleNamespace(who=who, process=process)


def watch(notes: Notes, *entries: Entry, servers: dict[str, FakeRoll] | None = None) -> tuple[BurdenWatch, Any]:
    agent = program("agent", NO_PID)
    agent.process.exited.clear()
    agent.process.guard_pid = NO_PID + 100
    roll = cast(Any, FakeRoll(list(entries)))
    return BurdenWatch(WARP, [agent], cast(Any, notes), roll, cast(Any, servers or {})), agent


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burden, "LOOK_S", 0.001)
    monkeypatch.setattr(burden, "BurdenMeter", FakeMeter)


def played(watched: BurdenWatch, notes: Notes, until: type[Event]) -> None:
    notes.awaited = until

    async def play() -> None:
        watched.begin()
        await asyncio.wait_for(notes.came.wait(), 10)
        await watched.finish()

    asyncio.run(play())


def crashes(notes: Notes) -> list[str]:
    return [f"{e.why}, {e.remedy}" for e in notes.events if isinstance(e, Unwarped)]


def test_it_is_told_in_the_agents_seconds_and_with_the_drift_at_the_end() -> None:
    notes = Notes()
    watched, _ = watch(notes, told(NO_PID, 10**8), told(NO_PID + 1, -(10**9) // 4))
    played(watched, notes, WarpBurden)
    last = notes.events[-1]
    assert isinstance(last, WarpBurden)
    assert (last.cpu_s, last.waited_s, last.drift_s, last.clocks) == (59.0, 30.0, 0.25, 2)
    assert crashes(notes) == []


def test_an_agent_that_has_not_loaded_the_library_is_told_however_short_the_trial_was() -> None:
    notes = Notes()
    watched, _ = watch(notes, told(1))
    played(watched, notes, WarpBurden)
    assert [words.partition(",")[0] for words in crashes(notes)] == [
        f"agent's process {NO_PID} has not loaded the library"
    ]


def test_so_is_a_bystander_and_a_server_in_whose_roll_is_nobody() -> None:
    notes = Notes()
    watched, agent = watch(notes, told(NO_PID), servers={"Neutron": FakeRoll(), "other": FakeRoll([told(1)])})
    watched.programs = [agent, program("beside", NO_PID + 1)]
    played(watched, notes, WarpBurden)
    assert [words.partition(" has ")[0] for words in crashes(notes)] == [f"beside's process {NO_PID + 1}", "Neutron"]


def test_what_an_agent_used_before_it_was_started_again_is_kept() -> None:
    notes = Notes()
    watched, agent = watch(notes, told(NO_PID), told(NO_PID + 1))

    async def play() -> None:
        watched.begin()
        watched._look()
        agent.process.pid += 1
        watched._look()
        await watched.finish()

    asyncio.run(play())
    last = notes.events[-1]
    assert isinstance(last, WarpBurden)
    assert (last.cpu_s, last.waited_s) == (118.0, 60.0)
    assert crashes(notes) == []

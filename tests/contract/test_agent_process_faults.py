"""A real process stands still, or is killed and started again: what the kernel does, and what the history says."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from harness.assembly.agent_engine import AgentEngine
from harness.assembly.programs import Program
from harness.core.commands import Hang, KillAgent, PauseAgent
from harness.core.events import AGENT, LogLine, ProcessExited, ProcessStarted, Touched
from harness.core.profile import Expanded, HeartbeatSource, Profile
from harness.errors import EngineFailed
from tests.engines.processes import is_gone
from tests.engines.recorders import ListRecorder

pytestmark = pytest.mark.contract

TICKING = ("sh", "-c", "trap '' TERM; while :; do echo tick; sleep 0.01; done")
"""It has a child at most times, and ends by SIGKILL only."""


@asynccontextmanager
async def engine(folder: Path, argv: tuple[str, ...] = TICKING) -> AsyncIterator[tuple[AgentEngine, ListRecorder]]:
    """An agent that runs, and its engine; the agent is stopped whatever a test's assertions say."""
    recorder = ListRecorder()
    expanded = Expanded(
        argv=argv,
        files={},
        environment={"PATH": os.environ["PATH"]},
        timeouts={},
        heartbeat=HeartbeatSource.NONE,
        ports_host=None,
    )
    agent = Program(AGENT, Profile(title="t", command=argv), expanded, Path("/"), folder / "home", recorder)
    await agent.start()
    try:
        async with asyncio.timeout(20):
            yield AgentEngine(agent, recorder), recorder
    finally:
        if agent.process is not None:
            await agent.process.stop(0.1)


def pid_of(it: AgentEngine) -> int:
    assert it.agent.process is not None
    return it.agent.process.pid


def test_a_paused_agent_stands_still_and_goes_on_when_it_heals(tmp_path: Path) -> None:
    async def scene() -> None:
        async with engine(tmp_path) as (it, recorder):
            await recorder.until(lambda: bool(recorder.all(LogLine)))
            await it.begin(1, PauseAgent())
            assert psutil.Process(pid_of(it)).status() in (psutil.STATUS_STOPPED, psutil.STATUS_DISK_SLEEP)
            assert not await something_new(recorder), "it may be in a vfork, whose child is stopped"
            (touched,) = recorder.all(Touched)
            assert touched.what == f"process {pid_of(it)} was stopped (SIGSTOP)"
            await it.heal(1)
            count = len(recorder.all(LogLine))
            await recorder.until(lambda: len(recorder.all(LogLine)) > count + 2)
            assert recorder.all(ProcessExited) == []

    asyncio.run(scene())


async def something_new(recorder: ListRecorder) -> bool:
    """Whether more is printed, when all was read that had been printed by now."""
    await asyncio.sleep(0.05)
    count = len(recorder.all(LogLine))
    await asyncio.sleep(0.1)
    return len(recorder.all(LogLine)) > count


def test_an_agent_that_is_paused_at_any_moment_stands_still(tmp_path: Path) -> None:
    """Also in the middle of a vfork, where the kernel calls its state D for as long as its child is stopped."""

    async def scene() -> None:
        async with engine(tmp_path) as (it, recorder):
            for step in range(60):
                await it.begin(step, PauseAgent())
                await it.heal(step)
            assert len(recorder.all(Touched)) == 60

    asyncio.run(scene())


def test_a_killed_agent_ends_as_asked_for_with_its_children_and_is_started_again(tmp_path: Path) -> None:
    async def scene() -> None:
        async with engine(tmp_path) as (it, recorder):
            await recorder.until(lambda: bool(recorder.all(LogLine)))
            before = pid_of(it)
            await it.begin(1, KillAgent())
            assert is_gone(before)
            (gone,) = recorder.all(ProcessExited)
            assert (gone.status, gone.asked) == (-signal.SIGKILL, True)
            assert recorder.all(Touched)[0].what == f"process {before} was killed (SIGKILL)"
            await it.heal(1)
            assert [e.pid for e in recorder.all(ProcessStarted)] == [before, pid_of(it)]
            assert pid_of(it) != before

    asyncio.run(scene())
    assert psutil.Process().children() == []


def test_an_end_of_its_own_stays_one_though_we_were_about_to_kill(tmp_path: Path) -> None:
    async def scene() -> None:
        async with engine(tmp_path, ("sh", "-c", "exit 7")) as (it, recorder):
            await recorder.until(lambda: bool(recorder.all(ProcessExited)))
            with pytest.raises(EngineFailed, match="the agent is gone"):
                await it.begin(1, KillAgent())
            (gone,) = recorder.all(ProcessExited)
            assert (gone.status, gone.asked) == (7, False)
            assert recorder.all(Touched) == []

    asyncio.run(scene())


def test_a_kill_by_somebody_else_is_not_asked_for(tmp_path: Path) -> None:
    async def scene() -> None:
        async with engine(tmp_path) as (it, recorder):
            os.kill(pid_of(it), signal.SIGKILL)
            await recorder.until(lambda: bool(recorder.all(ProcessExited)))
            assert recorder.all(ProcessExited)[0].asked is False

    asyncio.run(scene())


def test_a_paused_agent_can_be_ended(tmp_path: Path) -> None:
    """A trial that is interrupted in the middle of a pause."""

    async def scene() -> int:
        async with engine(tmp_path) as (it, _):
            await it.begin(1, PauseAgent())
            return pid_of(it)

    assert is_gone(asyncio.run(scene()))


def test_what_it_cannot_do_is_refused_and_healing_what_never_began_is_no_error(tmp_path: Path) -> None:
    async def scene() -> None:
        async with engine(tmp_path) as (it, _):
            with pytest.raises(EngineFailed, match="Hang"):
                await it.begin(1, Hang())
            await it.heal(99)

    asyncio.run(scene())

"""Real processes: what they print and how they end becomes history, and nothing of them stays."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from harness.checks.logs import lines_of
from harness.core.events import AGENT, ComponentCrashed, Leftover, LogLine, ProcessExited, ProcessStarted
from harness.engines.agent_process import AgentProcess
from harness.errors import AgentNotStartable
from tests.engines.processes import is_gone, until_gone
from tests.engines.recorders import ListRecorder

pytestmark = pytest.mark.contract

LEVEL = re.compile(r"^(?P<level>[A-Z]+) ")
PYTHON = [sys.executable, "-I", "-S", "-u", "-c"]
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(100)"
)


async def start(recorder: ListRecorder, argv: Sequence[str], **more: object) -> AgentProcess:
    given: dict[str, object] = {"env": {"PATH": "/usr/bin:/bin"}, "cwd": Path("/"), "level": LEVEL, "log_file": None}
    return await AgentProcess.start(recorder, who=AGENT, argv=argv, **(given | more))  # type: ignore[arg-type] # kwargs


@asynccontextmanager
async def running(argv: Sequence[str], **more: object) -> AsyncIterator[tuple[AgentProcess, ListRecorder]]:
    """An agent that is stopped whatever a test's assertions say."""
    recorder = ListRecorder()
    agent = await start(recorder, argv, **more)
    try:
        async with asyncio.timeout(20):
            yield agent, recorder
    finally:
        await agent.stop(0.2)


def scene(
    argv: Sequence[str], act: Callable[[AgentProcess], Awaitable[None]] | None = None, **more: object
) -> ListRecorder:
    """Start, act (or wait for its end), stop."""

    async def run() -> ListRecorder:
        async with running(argv, **more) as (agent, recorder):
            await (act(agent) if act else agent.exited.wait())
        assert agent.status is not None
        return recorder

    return asyncio.run(run())


def texts(recorder: ListRecorder, stream: str = "stdout") -> list[str]:
    return [line.text for line in recorder.all(LogLine) if line.stream == stream]


def test_output_comes_before_the_exit_and_in_order() -> None:
    recorder = scene(["sh", "-c", "echo INFO one; echo 'ERROR two' >&2; echo three; printf part; exit 3"])
    assert isinstance(recorder.events[0], ProcessStarted)
    assert texts(recorder) == ["INFO one", "three", "part"]
    assert [(e.level, e.text) for e in recorder.all(LogLine) if e.stream == "stderr"] == [("error", "ERROR two")]
    last = recorder.events[-1]
    assert isinstance(last, ProcessExited)
    assert (last.who, last.status, last.asked) == (AGENT, 3, False)


def test_the_environment_is_exactly_the_given_one() -> None:
    recorder = scene(["/usr/bin/env"], env={"ONLY": "this"})
    assert texts(recorder) == ["ONLY=this"]


def test_the_working_directory_is_the_given_one_and_standard_input_is_empty(tmp_path: Path) -> None:
    assert texts(scene(["sh", "-c", "pwd; cat"], cwd=tmp_path)) == [str(tmp_path)]


def test_a_signals_number_is_the_negative_status() -> None:
    (exited,) = scene(["sh", "-c", "kill -KILL $$"]).all(ProcessExited)
    assert (exited.status, exited.asked) == (-9, False)


def test_a_program_inherits_no_ignored_signal() -> None:
    """Python ignores SIGPIPE; a program that inherited that would never end of a broken pipe."""
    (line,) = texts(scene(["sh", "-c", "grep SigIgn /proc/$$/status"]))
    # glibc keeps 32 and 33 to itself; its posix_spawn, by which Python 3.13 starts workers of xdist, ignores them.
    of_glibc = 1 << (32 - 1) | 1 << (33 - 1)
    assert int(line.split()[1], 16) & ~of_glibc == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["/nowhere/agent"], "/nowhere/agent.*No such file"),
        (["no-such-program-in-path"], "No such file"),
        (["/etc/passwd"], "/etc/passwd.*Permission denied"),
    ],
)
def test_a_program_that_cannot_be_executed_is_refused_in_words(argv: list[str], words: str) -> None:
    recorder = ListRecorder()
    with pytest.raises(AgentNotStartable, match=words):
        asyncio.run(start(recorder, argv))
    assert recorder.events == []
    assert psutil.Process().children() == []


def test_a_missing_working_directory_is_named() -> None:
    with pytest.raises(AgentNotStartable, match=r"/nowhere.*working directory"):
        asyncio.run(start(ListRecorder(), ["sh"], cwd=Path("/nowhere")))


def test_secrets_do_not_reach_the_log_file(tmp_path: Path) -> None:
    async def run() -> None:
        recorder = ListRecorder()
        recorder.hide("hunter2", "password")
        agent = await start(recorder, ["sh", "-c", "echo it is hunter2"], log_file=tmp_path / "agent.log")
        await agent.exited.wait()
        await agent.stop()

    asyncio.run(run())
    assert (tmp_path / "agent.log").read_text() == "it is <secret:password>\n"


def test_a_flood_does_not_block_the_agent_and_every_line_is_counted() -> None:
    """A million lines, of which a thousand a second are kept; the last words are there."""
    recorder = scene([*PYTHON, "import sys; sys.stdout.write('x\\n' * 1_000_000); print('bye')"])
    assert sum(map(lines_of, recorder.all(LogLine))) == 1_000_001
    assert len(recorder.events) < 20_000
    assert texts(recorder)[-1] == "bye"


def test_a_flood_is_reported_while_the_agent_is_silent_and_lives() -> None:
    code = "import time; print('x\\n' * 5000, end='', flush=True); time.sleep(100)"
    seen: list[str] = []

    async def run() -> None:
        async with running([*PYTHON, code]) as (_, recorder):
            await recorder.until(lambda: any(text.endswith("left out]") for text in texts(recorder)))
            seen.extend(texts(recorder))

    asyncio.run(run())
    assert seen[-1] == "[4000 lines left out]"


def test_the_end_is_noticed_though_a_descendant_holds_the_pipes() -> None:
    async def run() -> None:
        async with running(["sh", "-c", "(sleep 100) & echo $!; exit 4"]) as (agent, recorder):
            async with asyncio.timeout(5):
                await agent.exited.wait()
            (child,) = map(int, texts(recorder))
            assert not is_gone(child), "it has to live still, or this proves nothing"
            assert agent.status == 4
        assert is_gone(child)
        assert recorder.all(Leftover) == []

    asyncio.run(run())


def test_being_stopped_is_asked_for_and_within_the_grace() -> None:
    async def stop(agent: AgentProcess) -> None:
        await agent.stop(5.0)
        await agent.stop(5.0)

    recorder = scene(["sleep", "100"], stop)
    (exited,) = recorder.all(ProcessExited)
    assert (exited.status, exited.asked) == (-15, True)
    assert exited.t < 4


def test_a_second_stop_with_less_patience_counts() -> None:
    async def hurry(agent: AgentProcess) -> None:
        patient = asyncio.create_task(agent.stop(100.0))
        await asyncio.sleep(0)
        await agent.stop(0.1)
        await patient

    recorder = scene([*PYTHON, STUBBORN], hurry)
    (exited,) = recorder.all(ProcessExited)
    assert exited.t < 15


def test_an_exit_of_its_own_is_not_asked_for_even_if_we_stop_it_before_we_know() -> None:
    async def run() -> None:
        async with running(["sh", "-c", "exit 7"]) as (agent, recorder):
            # Not one turn of the loop in between: only the guard knows which came first.
            while not is_gone(agent.pid):
                os.sched_yield()
        (exited,) = recorder.all(ProcessExited)
        assert (exited.status, exited.asked) == (7, False)

    asyncio.run(run())


def test_what_ignores_sigterm_is_killed_with_all_that_left_its_group() -> None:
    """A daemon that left the session and an orphan of an orphan, all deaf to SIGTERM."""
    spawn = (
        "import os, sys, subprocess\n"
        f"code = {STUBBORN!r}\n"
        "inner = f'import subprocess, sys; "
        'subprocess.Popen([sys.executable, "-c", {code!r}], start_new_session=True)\'\n'
        "subprocess.Popen([sys.executable, '-c', inner], start_new_session=True)\n"
        "subprocess.Popen([sys.executable, '-c', code])\n" + STUBBORN
    )

    async def run() -> None:
        async with running([*PYTHON, spawn]) as (agent, recorder):
            await recorder.until(lambda: texts(recorder).count("up") == 3)
            guard = psutil.Process(agent.pid).ppid()
            family = [process.pid for process in psutil.Process(guard).children(recursive=True)]
            assert len(family) >= 3
        assert [pid for pid in family if not is_gone(pid)] == []
        assert agent.status == -9
        assert recorder.all(Leftover) == []

    asyncio.run(run())


def test_a_killed_guard_takes_the_agent_and_its_session_along() -> None:
    async def run() -> None:
        async with running(["sh", "-c", "sleep 100 & echo $!; wait"]) as (agent, recorder):
            await recorder.until(lambda: len(texts(recorder)) == 1)
            child = int(texts(recorder)[0])
            psutil.Process(psutil.Process(agent.pid).ppid()).kill()
            await agent.exited.wait()
        await until_gone([agent.pid, child], within_s=5)
        (crashed,) = recorder.all(ComponentCrashed)
        assert crashed.component == "guard"
        (exited,) = recorder.all(ProcessExited)
        assert exited.asked, "the agent did not go by itself"

    asyncio.run(run())


def test_on_exit_is_told_after_all_is_recorded() -> None:
    told: list[tuple[int, bool, int]] = []

    async def run() -> None:
        recorder = ListRecorder()
        agent = await start(
            recorder,
            ["sh", "-c", "echo last; exit 2"],
            on_exit=lambda status, asked: told.append((status, asked, len(recorder.events))),
        )
        await agent.exited.wait()
        await agent.stop()

    asyncio.run(run())
    assert told == [(2, False, 3)]


def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    async def run() -> None:
        recorder = ListRecorder()
        task = asyncio.create_task(start(recorder, ["sleep", "100"]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert psutil.Process().children(recursive=True) == []


def test_no_file_descriptor_is_left() -> None:
    before = len(os.listdir("/proc/self/fd"))
    scene(["true"])
    with pytest.raises(AgentNotStartable):
        asyncio.run(start(ListRecorder(), ["/nowhere"]))
    assert len(os.listdir("/proc/self/fd")) == before

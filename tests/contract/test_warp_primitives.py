"""Every primitive at the factor, under each Python; and a library that lacks some is refused by their names."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.engines import preload
from harness.engines.warp import build, reach, selftest
from harness.engines.warp.clock import Factor
from harness.engines.warp.warp import Warp
from harness.errors import EngineFailed
from tests.contract.warp_world import newest_python, without

pytestmark = pytest.mark.contract

X10 = Factor.of(10)
CORE = {
    "clock MONOTONIC", "clock REALTIME", "clock PROCESS_CPUTIME_ID", "sem_clockwait(MONOTONIC)",
    "pthread_cond_timedwait(REALTIME)", "pthread_cond_timedwait(MONOTONIC)", "poll", "ppoll", "select", "epoll_wait",
    "nanosleep", "clock_nanosleep(MONOTONIC, ABSTIME)", "timerfd_settime(REALTIME, ABSTIME)", "setitimer", "alarm",
    "timer_settime", "SO_RCVTIMEO", "recvmmsg", "threading.Event.wait", "queue.get(timeout)", "Lock.acquire(timeout)",
    "asyncio.sleep", "socket.recv, settimeout", "subprocess.wait(timeout)",
}  # fmt: skip


NEWEST = newest_python()


@pytest.mark.parametrize("python", [sys.executable, NEWEST], ids=["ours", "newest"])
def test_every_primitive_runs_at_the_factor(python: str) -> None:
    if not python:
        without("a Python of 3.12 or newer", "put one on the PATH")
    warp = Warp.prepare(60, Path(python))
    assert {one.name for one in warp.measured} >= CORE
    assert [one for one in warp.measured if one.problem] == []


def test_the_self_test_can_run_under_every_python_that_an_agent_may_have_here() -> None:
    """Older ones than the harness's own included, down to what `reach` knows."""
    files = {Path(sys.executable), *Path.home().glob(".pyenv/versions/3.*/bin/python")}
    pythons = {found for file in files if (found := reach.python(str(file), {}))}
    assert Path(sys.executable).resolve() in pythons
    for python in pythons:
        assert {one.name for one in Warp.prepare(60, python).measured} >= CORE, python


def test_a_prepared_warp_is_not_tested_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Warp.prepare(60)
    monkeypatch.setattr(selftest, "run", None)
    again = Warp.prepare(60)
    assert again.measured is first.measured
    assert again.origin.monotonic > first.origin.monotonic


def test_without_the_library_every_clock_is_refused(tmp_path: Path) -> None:
    """The dynamic loader says only a word when a preloaded file is not there, and the program runs in real time.

    Its waits then agree with its own clocks: so it is the clocks that have to be compared with ours.
    """
    measured = selftest.run(tmp_path / "none.so", X10)
    wrong = {one.name for one in measured if one.problem}
    clocks = {one.name for one in measured if one.name.startswith("clock ") and "CPUTIME" not in one.name}
    assert wrong == clocks
    with pytest.raises(EngineFailed, match=r"clock MONOTONIC: is 9\d\.\d+ s behind"):
        selftest.refuse(measured, X10)


def test_a_library_without_semaphores_is_refused_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As libfaketime 0.9.10 is."""
    source = tmp_path / "library"
    shutil.copytree(build.SOURCE.folder, source)
    text = (source / "locks.c").read_text()
    (source / "locks.c").write_text(text.replace("EXPORT int sem_clockwait", "int sem_clockwait"))
    monkeypatch.setattr(build, "SOURCE", dataclasses.replace(build.SOURCE, folder=source))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wrong = {one.name for one in selftest.run(build.library(), X10) if one.problem}
    assert wrong >= {"sem_clockwait(MONOTONIC)", "threading.Event.wait", "queue.get(timeout)"}
    assert not wrong & {"clock MONOTONIC", "poll", "nanosleep", "pthread_mutex_timedlock"}


def test_the_library_is_free_of_warnings() -> None:
    compiler = os.environ.get("CC", "cc")
    sources = sorted(map(str, build.SOURCE.folder.glob("*.c")))
    done = subprocess.run(
        [compiler, *preload.FLAGS, "-Werror", "-fsyntax-only", *sources], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("variable", [{}, {"HARNESS_WARP": "x60"}, {"HARNESS_WARP": "60000000 1 2 3 4"}])
def test_a_library_that_is_not_told_the_time_ends_the_program(variable: dict[str, str]) -> None:
    done = subprocess.run(
        ["sleep", "0"],
        env={**os.environ, **variable, "LD_PRELOAD": str(build.library())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 126
    assert "harness warp: " in done.stderr
    assert "HARNESS_WARP" in done.stderr

"""What programs write into the roll, and which processes are known to run in real time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.engines.warp.clock import SECOND, Origin, WarpClock
from harness.engines.warp.loaded import LoadWatch
from harness.engines.warp.roll import Drift, Entry, Roll
from tests.engines.test_warp_reach import elf

LIBRARY = Path("/cache/warp.so")
CLOCK = WarpClock(60, Origin(monotonic=100 * SECOND, realtime=0, boottime=0))


def entry(shown_s: float) -> Entry:
    """Two seconds after the origin, give or take a millisecond: the clock has to show 220 s."""
    before, after = 101_999 * SECOND // 1000, 102_001 * SECOND // 1000
    return Entry(pid=7, before_ns=before, shown_ns=round(shown_s * SECOND), after_ns=after)


@pytest.mark.parametrize(("shown_s", "at_most_s"), [(220.0, 0.06), (220.2, 0.26), (219.5, 0.56)])
def test_a_clock_lies_between_what_the_harness_showed_before_and_after(shown_s: float, at_most_s: float) -> None:
    drift = entry(shown_s).drift(CLOCK)
    assert drift.at_most_s == pytest.approx(at_most_s)
    assert drift.most_s - drift.least_s == pytest.approx(0.12)
    assert drift.least_s == pytest.approx(shown_s - 220.06)


def test_either_way_is_apart() -> None:
    assert Drift(least_s=-0.5, most_s=0.1).at_most_s == 0.5
    assert Drift(least_s=-0.1, most_s=0.5).at_most_s == 0.5


class World:
    """A /proc written by hand, and a roll."""

    def __init__(self, root: Path) -> None:
        self._proc = root / "proc"
        self._path = root / "roll"
        self.watch = LoadWatch(LIBRARY, Roll(self._path), self._proc)

    def maps(self, pid: int, text: str, *, children: str = "") -> None:
        """Its mappings; empty: it is a zombie."""
        task = self._proc / str(pid) / "task" / str(pid)
        task.mkdir(parents=True, exist_ok=True)
        (task / "children").write_text(children)
        (self._proc / str(pid) / "comm").write_text("python\n")
        (self._proc / str(pid) / "maps").write_text(text)

    def enters(self, pid: int) -> None:
        now = time.monotonic_ns()
        with self._path.open("a", encoding="ascii") as file:
            file.write(f"{pid} {now} {now} {now}\n")

    def looks(self, number: int = 1) -> None:
        for _ in range(number):
            self.watch.look(7)


WITH = f"7f00-7f01 r-xp 00000000 00:00 0 {LIBRARY}\n"
WITHOUT = """5500-5501 r--p 00000000 00:00 0 /usr/bin/python
7f00-7f01 r-xp 00000000 00:00 0 /lib/ld-linux-x86-64.so.2
7f02-7f03 r-xp 00000000 00:00 0 /lib/libc.so.6
"""
LOADING = """5500-5501 r--p 00000000 00:00 0 /usr/bin/python
5501-5502 r-xp 00001000 00:00 0 /usr/bin/python
7f00-7f01 r-xp 00000000 00:00 0 /usr/lib/ld-linux-x86-64.so.2
7ffc-7ffd rw-p 00000000 00:00 0 [stack]
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.watch.started("agent", 7)
    return world


def test_one_that_has_entered_itself_is_no_stranger_although_nobody_looked(world: World) -> None:
    world.enters(7)
    assert world.watch.strangers() == []


def test_one_that_never_did_is_although_nobody_looked(world: World) -> None:
    assert world.watch.strangers() == ["agent's process 7"]


def test_one_that_executed_another_without_the_library_is(world: World) -> None:
    """`sh -c 'unset LD_PRELOAD; exec "$@"'`: the shell has the library, and has entered itself."""
    world.enters(7)
    world.maps(7, WITHOUT)
    world.looks(2)
    assert world.watch.strangers() == ["process 7 (python)"]


def test_a_static_one_that_a_wrapper_executes_is_called_so(world: World, tmp_path: Path) -> None:
    program = elf(tmp_path / "agent", None)
    world.maps(7, WITHOUT)
    (tmp_path / "proc/7/exe").symlink_to(program)
    world.looks(2)
    (told,) = world.watch.strangers()
    assert told.startswith(f"process 7 (python: {program} is statically linked")


def test_at_its_end_it_may_be_seen_once_without(world: World) -> None:
    """The kernel takes its mappings away one by one."""
    world.enters(7)
    world.maps(7, WITH)
    world.looks()
    world.maps(7, WITHOUT)
    world.looks()
    assert world.watch.strangers() == []


def test_between_execution_and_loading_it_may_be_seen_without(world: World) -> None:
    world.maps(7, WITHOUT)
    world.looks()
    world.enters(7)
    assert world.watch.strangers() == []


def test_what_it_has_started_without_the_library_is(world: World) -> None:
    world.enters(7)
    world.maps(7, WITH, children="8")
    world.maps(8, WITHOUT)
    world.looks()
    assert world.watch.strangers() == [], "a look may have met it while it was loading"
    world.looks()
    assert world.watch.strangers() == ["process 8 (python)"]


def test_a_clock_that_ran_in_real_time_is_not_made_good_by_what_is_executed_later(world: World) -> None:
    world.maps(7, WITHOUT)
    world.looks(2)
    world.enters(7)
    assert world.watch.strangers() == ["process 7 (python)"], "it executed another, and nobody looked since"
    world.maps(7, WITH)
    world.looks()
    world.maps(7, "")
    world.looks()
    assert world.watch.strangers() == ["process 7 (python)"]


def test_looks_that_are_not_in_a_row_prove_nothing(world: World) -> None:
    """A shell that executes one program after another has its beginnings, each of which may be seen."""
    for _ in range(3):
        world.maps(7, WITHOUT)
        world.looks()
        world.maps(7, WITH)
        world.looks()
    world.enters(7)
    assert world.watch.strangers() == []


@pytest.mark.parametrize("mapped", ["", "5500-5501 r--p 00000000 00:00 0 /usr/bin/python\n"])
def test_while_the_kernel_maps_it_it_has_not_run(world: World, mapped: str) -> None:
    """First the program, then its loader: in between there may be a cold disk."""
    world.maps(7, mapped + "7ffc-7ffd rw-p 00000000 00:00 0 [stack]\n")
    world.looks(5)
    world.enters(7)
    assert world.watch.strangers() == []


def test_a_static_one_has_run_however_few_files_it_maps(world: World, tmp_path: Path) -> None:
    program = elf(tmp_path / "agent", None)
    world.maps(7, f"0040-0041 r-xp 00000000 00:00 0 {program}\n")
    (tmp_path / "proc/7/exe").symlink_to(program)
    world.looks(2)
    world.enters(7)
    assert len(world.watch.strangers()) == 1


def test_it_is_called_what_it_was_when_it_was_sure(world: World, tmp_path: Path) -> None:
    """A shell without the library executes a static program: what is told is the one that ran."""
    world.maps(7, WITHOUT)
    world.looks()
    (tmp_path / "proc/7/exe").symlink_to(elf(tmp_path / "agent", None))
    world.looks()
    (told,) = world.watch.strangers()
    assert "is statically linked" in told


def test_one_that_is_about_to_load_may_be_so_for_long(world: World) -> None:
    """On a busy machine it waits for a CPU, or for its file. If it then loads nothing, it is a stranger."""
    world.maps(7, LOADING)
    world.looks(5)
    assert world.watch.strangers() == ["process 7 (python)"]
    world.enters(7)
    assert world.watch.strangers() == []
    world.maps(7, WITH)
    world.looks()
    assert world.watch.strangers() == []


def test_an_orphan_belongs_to_the_guard_who_is_no_part_of_the_trial(world: World) -> None:
    world.enters(7)
    world.maps(6, WITHOUT, children="7 8")
    world.maps(7, WITH)
    world.maps(8, WITHOUT)
    for _ in range(2):
        world.watch.look(6, itself=False)
    assert world.watch.strangers() == ["process 8 (python)"]


def test_one_whose_parent_ends_during_a_look_is_looked_at_once(world: World) -> None:
    """It is then among the children of both."""
    world.enters(7)
    world.maps(6, WITHOUT, children="7 8")
    world.maps(7, WITH, children="8")
    world.maps(8, WITHOUT)
    world.watch.look(6, itself=False)
    assert world.watch.strangers() == []


def test_the_dead_have_no_libraries(world: World) -> None:
    world.enters(7)
    world.maps(7, WITH, children="8 9")
    world.maps(8, "")
    world.looks(3)
    assert world.watch.strangers() == []

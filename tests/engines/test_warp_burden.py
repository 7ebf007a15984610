"""What the machine took, from a /proc written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.warp.burden import TICK_S, Burden, BurdenMeter
from harness.engines.warp.clock import Factor, Origin
from harness.engines.warp.selftest import Measured
from harness.engines.warp.warp import Warp


def process(proc: Path, pid: int, *, ticks: tuple[int, int], waited_ns: int, children: str = "") -> None:
    thread = proc / str(pid) / "task" / str(pid)
    thread.mkdir(parents=True, exist_ok=True)
    user, system = ticks
    (proc / str(pid) / "stat").write_text(f"{pid} (a ) name) S 1 1 1 0 -1 0 0 0 0 0 {user} {system} 99 99 20 0\n")
    (thread / "schedstat").write_text(f"5 {waited_ns} 7\n")
    (thread / "children").write_text(children)


def test_an_agent_is_counted_with_all_that_it_started(tmp_path: Path) -> None:
    process(tmp_path, 10, ticks=(3, 4), waited_ns=10**9, children="11 12 ")
    process(tmp_path, 11, ticks=(1, 0), waited_ns=2 * 10**9)
    meter = BurdenMeter(10, 60, tmp_path)
    meter.sample()
    found = meter.burden()
    assert found.cpu_s == pytest.approx(8 * TICK_S), "process 12 has ended: that is no error"
    assert found.waited_s == 3.0


def test_a_process_that_descends_from_another_is_counted_once(tmp_path: Path) -> None:
    process(tmp_path, 10, ticks=(3, 4), waited_ns=10**9, children="11 ")
    process(tmp_path, 11, ticks=(1, 0), waited_ns=2 * 10**9)
    process(tmp_path, 20, ticks=(2, 0), waited_ns=0)
    meter = BurdenMeter(10, 60, tmp_path)
    meter.also(11)
    meter.also(20)
    meter.sample()
    assert meter.burden().cpu_s == pytest.approx(10 * TICK_S)
    assert meter.burden().waited_s == 3.0


def test_a_guard_is_not_counted_but_the_orphans_that_it_was_given(tmp_path: Path) -> None:
    process(tmp_path, 9, ticks=(50, 50), waited_ns=9 * 10**9, children="10 12")
    process(tmp_path, 10, ticks=(3, 0), waited_ns=10**9, children="11")
    process(tmp_path, 11, ticks=(1, 0), waited_ns=0)
    process(tmp_path, 12, ticks=(0, 4), waited_ns=10**9)
    meter = BurdenMeter(9, 60, tmp_path, itself=False)
    meter.sample()
    assert meter.burden().cpu_s == pytest.approx(8 * TICK_S)
    assert meter.burden().waited_s == 2.0


def test_what_has_ended_between_two_samples_keeps_its_last_value(tmp_path: Path) -> None:
    process(tmp_path, 10, ticks=(0, 0), waited_ns=0, children="11")
    process(tmp_path, 11, ticks=(5, 0), waited_ns=10**9)
    meter = BurdenMeter(10, 60, tmp_path)
    meter.sample()
    process(tmp_path, 10, ticks=(2, 0), waited_ns=0)
    meter.sample()
    assert meter.burden().cpu_s == pytest.approx(7 * TICK_S)
    assert meter.burden().waited_s == 1.0


def test_a_cpu_second_counts_for_all_but_one_and_a_delay_for_all() -> None:
    """In real time the agent would have used its CPU second, too, but it would not have waited for it."""
    burden = Burden(factor=60, wall_s=10, cpu_s=1, waited_s=0.5, late_s=0.1)
    assert burden.cpu_share == 0.1
    assert burden.agent_delay_s == pytest.approx(59 + 36)
    assert burden.agent_delay_share == pytest.approx(95 / 600)


WARP = Warp(
    speed=Factor.of(60),
    library=Path("/cache/warp.so"),
    origin=Origin(monotonic=1, realtime=2, boottime=3),
    measured=(Measured(name="poll"),),
)


def test_a_program_keeps_its_environment_and_what_it_preloads() -> None:
    found = WARP.added_to({"HOME": "/", "LD_PRELOAD": "/lib/other.so"})
    assert found == {"HOME": "/", "LD_PRELOAD": "/cache/warp.so /lib/other.so", "HARNESS_WARP": "60000000 1 2 3"}
    assert WARP.added_to({})["LD_PRELOAD"] == "/cache/warp.so"


def test_each_trial_begins_now() -> None:
    later = WARP.anew()
    assert later.origin.monotonic > WARP.origin.monotonic
    assert later.measured is WARP.measured

"""Unmodified programs with their real values in a warp: a read timeout, a job's poll, C, curl."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.engines.warp.burden import BurdenMeter
from harness.engines.warp.clock import SECOND, WarpClock
from harness.engines.warp.loaded import SURE_AFTER_LOOKS, LoadWatch
from harness.engines.warp.roll import Roll
from harness.hmc import HmcSettings, Inventory, MockHmc, ThrowawayCa
from harness.hmc.observer import NullObserver
from tests.contract.warp_world import AGENT_SLACK_S, FACTOR, PROGRAMS, WARP, Ran, run, stalling_server, without

pytestmark = pytest.mark.contract

HOST = "127.0.0.83"
TWO_NICS = Path(__file__).parents[2] / "scenarios" / "inventories" / "two-nics.yaml"


@dataclass(frozen=True)
class Place:
    """Certificates for a server, and what a client trusts."""

    ca: ThrowawayCa
    ca_file: str


@pytest.fixture
def place(tmp_path: Path) -> Place:
    ca = ThrowawayCa()
    (tmp_path / "ca.pem").write_bytes(ca.ca_pem)
    return Place(ca, str(tmp_path / "ca.pem"))


def agrees(ran: Ran) -> None:
    """The agent's clock and ours are one, and it ran as fast as the factor says: by causality, no tolerance."""
    told = ran.json()
    assert ran.before_s <= told["began"] <= told["ended"] <= ran.after_s
    assert told["ended"] - told["began"] <= ran.wall_s * FACTOR


def test_a_read_timeout_of_a_minute_takes_an_agents_minute(place: Place) -> None:
    async def scene() -> Ran:
        warp = WARP(FACTOR).anew()
        async with stalling_server(place.ca, HOST) as port:
            url = f"https://{HOST}:{port}/api/version"
            return await run(warp, warp.clock(), sys.executable, PROGRAMS / "read_timeout.py", url, place.ca_file)

    ran = asyncio.run(scene())
    told = ran.json()
    agrees(ran)
    assert told["error"] == "ReadTimeout"
    assert 60 <= told["ended"] - told["began"] <= 60 + AGENT_SLACK_S


def test_a_job_is_polled_after_ten_agent_seconds(place: Place) -> None:
    """zhmcclient sleeps 10 s between two looks at a job; this one takes 5 s."""

    async def scene() -> Ran:
        warp, password = WARP(FACTOR).anew(), "right"
        settings = HmcSettings(users={"agent": password}, job_seconds=5 / FACTOR)
        hmc = MockHmc(Inventory.load(TWO_NICS), settings, NullObserver(), place.ca)
        port = await hmc.start(HOST)
        program = PROGRAMS / "start_partition.py"
        try:
            return await run(warp, warp.clock(), sys.executable, program, HOST, str(port), password, place.ca_file)
        finally:
            await hmc.close()

    ran = asyncio.run(scene())
    told = ran.json()
    agrees(ran)
    assert 10 <= told["ended"] - told["began"] <= 10 + AGENT_SLACK_S


def test_a_program_in_c_and_its_child(tmp_path: Path) -> None:
    program = tmp_path / "waits"
    subprocess.run(
        ["cc", "-O2", "-D_FORTIFY_SOURCE=2", "-Wall", "-Wextra", "-Werror", "-o", program, PROGRAMS / "waits.c"],
        check=True,
    )
    warp = WARP(FACTOR).anew()
    ran = asyncio.run(run(warp, warp.clock(), program))
    assert ran.status == 0, ran.text
    lines = [line.split() for line in ran.text.splitlines()]
    assert len(lines) == 9
    moments = [float(took) for name, _, took in lines if name == "clock"]
    assert ran.before_s <= moments[0] < moments[1] <= ran.after_s, "the child's clock is the same"
    for name, asked, took in lines:
        if name.endswith("_left"):
            assert float(asked) - AGENT_SLACK_S <= float(took) <= float(asked), name
        elif name != "clock":
            assert float(asked) <= float(took) <= float(asked) + AGENT_SLACK_S, name


def test_curl_gives_up_after_its_minute(place: Place) -> None:
    curl = shutil.which("curl")
    if curl is None:
        without("curl", "apt install curl")

    async def scene() -> Ran:
        warp = WARP(FACTOR).anew()
        async with stalling_server(place.ca, HOST) as port:
            asked = ["--max-time", "60", "--cacert", place.ca_file, "--write-out", "%{time_total}"]
            return await run(warp, warp.clock(), curl, "--silent", *asked, f"https://{HOST}:{port}/")

    ran = asyncio.run(scene())
    assert ran.status == 28, "curl's own word for a time-out"
    assert 60 <= float(ran.text) <= 60 + AGENT_SLACK_S
    assert ran.agent_s >= 60


def test_a_static_program_is_known_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("void _start(void) { for (;;) ; }\n")
    program = tmp_path / "static"
    subprocess.run(["cc", "-nostdlib", "-static", "-o", program, tmp_path / "main.c"], check=True)
    assert "statically linked" in (WARP(FACTOR).obstacle(str(program), {}) or "")


WORK = "import sys; print(flush=True); sys.stdin.read(1); sum(range(20_000_000)); print(flush=True); sys.stdin.read(1)"
"""Tells that it has begun, and at a word works for half a second, tells, and waits for another word."""


@pytest.mark.parametrize("is_warped", [True, False])
def test_a_process_tells_whether_it_is_warped_and_what_it_uses(is_warped: bool, tmp_path: Path) -> None:
    async def scene() -> None:
        warp, pipe = WARP(FACTOR).anew(), asyncio.subprocess.PIPE
        environment = warp.added_to(os.environ) if is_warped else dict(os.environ)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORK, env=environment, stdin=pipe, stdout=pipe
        )
        assert process.stdin is not None
        assert process.stdout is not None
        await process.stdout.readline()
        watch = LoadWatch(warp.library, Roll(tmp_path / "roll"))
        for _ in range(SURE_AFTER_LOOKS):
            watch.look(process.pid)
        assert watch.strangers() == ([] if is_warped else [f"process {process.pid} ({Path(sys.executable).name})"])
        meter = BurdenMeter(process.pid, FACTOR)
        process.stdin.write(b"x")
        await process.stdout.readline()
        meter.sample()
        found = meter.burden()
        process.stdin.write(b"x")
        await process.wait()
        assert found.cpu_s > 0.05
        assert found.agent_delay_s >= found.cpu_s * (FACTOR - 1)

    asyncio.run(scene())


def test_a_program_and_what_it_executes_tell_their_clock_to_a_millisecond(tmp_path: Path) -> None:
    warp, roll = WARP(FACTOR).anew(), Roll(tmp_path / "roll")
    ran = asyncio.run(run(warp, warp.clock(), "sh", "-c", "sleep 0; exec sleep 0", roll=roll))
    assert ran.status == 0, ran.text
    told = roll.entries()
    assert [told[0].pid == entry.pid for entry in told] == [True, False, True], "the shell, its child, what it became"
    assert max(entry.drift(warp.clock()).at_most_s for entry in told) < 0.001


@pytest.mark.parametrize("off_s", [0.2, -0.5, 1.0])
def test_a_harness_whose_clock_is_off_is_found_out(off_s: float, tmp_path: Path) -> None:
    warp, roll = WARP(FACTOR).anew(), Roll(tmp_path / "roll")
    asyncio.run(run(warp, warp.clock(), "sleep", "0", roll=roll))
    origin = dataclasses.replace(warp.origin, monotonic=warp.origin.monotonic + round(off_s * SECOND / (1 - FACTOR)))
    (entry,) = roll.entries()
    drift = entry.drift(WarpClock(FACTOR, origin))
    assert drift.least_s <= -off_s <= drift.most_s
    assert drift.at_most_s == pytest.approx(abs(off_s), abs=0.001)

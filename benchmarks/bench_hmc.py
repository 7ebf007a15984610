"""How fast the mock HMC is: time until it is ready, and requests a second through the real zhmcclient.

Targets: ready in less than 300 ms; more than 1,000 sequential requests a second over one TLS session. The client runs
in a process of its own, as an agent does. Most of a request's time is the client's: `server_us` is the server's part.

Ready is measured twice. `process_ready_ms` is what a person waits for who types `python -m harness.hmc`: from the start
of the process until it says that it listens, with Python's start, all imports, a certificate authority and the
inventory. `process_ready_cpu_ms` is how much of it was CPU time; the rest was waiting for a machine that did something
else, or a cold disk. `ready_median_ms` is what a trial or a test waits for, in a program that has all of that already.

Run: python -m benchmarks.bench_hmc
"""

from __future__ import annotations

import asyncio
import compileall
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.hmc_process import running_hmc
from harness.hmc import HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa

ROOT = Path(__file__).parent.parent
INVENTORY = ROOT / "scenarios" / "inventories" / "two-nics.yaml"
HOST = "127.0.0.77"
REQUESTS = 2000
STARTS = 10

CLIENT = """
import sys, time, json, zhmcclient
host, port, ca, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
session = zhmcclient.Session(host, "bench", "secret", port=port, verify_cert=ca)
cpc = zhmcclient.Client(session).cpcs.list()[0]
for _ in range(100):
    cpc.pull_full_properties()
began = time.perf_counter()
for _ in range(count):
    cpc.pull_full_properties()
print(json.dumps(count / (time.perf_counter() - began)))
session.logoff()
"""


class _Timer(NullObserver):
    """Adds up the server's own part of each request."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:  # noqa: ARG002 - protocol
        self.seconds.append(seconds)


def _new(inventory: Inventory, ca: ThrowawayCa, observer: NullObserver) -> MockHmc:
    return MockHmc(inventory, HmcSettings(users={"bench": "secret"}), observer, ca)


async def _ready_ms(inventory: Inventory, ca: ThrowawayCa) -> float:
    began = time.perf_counter()
    hmc = _new(inventory, ca, NullObserver())
    await hmc.start(HOST)
    ready = time.perf_counter() - began
    await hmc.close()
    return ready * 1000


def _process_ready_ms() -> tuple[float, float]:
    """From the start of a process of its own, and how much of that was CPU time."""
    with running_hmc(INVENTORY, HOST) as hmc:
        used = psutil.Process(hmc.pid).cpu_times()
        return hmc.ready_s * 1000, (used.user + used.system) * 1000


async def _throughput(inventory: Inventory, ca: ThrowawayCa, folder: Path) -> tuple[float, float]:
    timer = _Timer()
    hmc = _new(inventory, ca, timer)
    port = await hmc.start(HOST)
    trusted = folder / "ca.pem"
    trusted.write_bytes(ca.ca_pem)
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, HOST, str(port), str(trusted), str(REQUESTS),
        stdout=subprocess.PIPE, env={"PATH": ""},
    )  # fmt: skip
    out, _ = await client.communicate()
    await hmc.close()
    assert client.returncode == 0
    return json.loads(out), statistics.median(timer.seconds) * 1e6


async def _measure() -> dict[str, float]:
    inventory, ca = Inventory.load(INVENTORY), ThrowawayCa()
    first_ms = await _ready_ms(inventory, ca)
    ready = [await _ready_ms(inventory, ca) for _ in range(STARTS)]
    with tempfile.TemporaryDirectory() as folder:
        per_s, server_us = await _throughput(inventory, ca, Path(folder))
    return {
        "ready_first_ms": round(first_ms, 1),
        "ready_median_ms": round(statistics.median(ready), 1),
        "requests_per_s": round(per_s),
        "server_us": round(server_us),
    }


def main() -> dict[str, float]:
    """Measure, print and return the numbers."""
    # An installed package has its byte code; an environment may keep Python from writing that of a checkout.
    compileall.compile_dir(ROOT / "harness", quiet=1)
    starts = [_process_ready_ms() for _ in range(STARTS)]
    numbers = {
        "process_ready_ms": round(statistics.median(wall for wall, _ in starts)),
        "process_ready_cpu_ms": round(statistics.median(cpu for _, cpu in starts)),
    } | asyncio.run(_measure())
    for name, value in numbers.items():
        print(f"{name:>20} {value}")
    return numbers


if __name__ == "__main__":
    main()

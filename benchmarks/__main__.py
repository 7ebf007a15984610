"""Every figure by one command, printed and written to RESULTS.md with the machine: `python -m benchmarks`."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from benchmarks import (
    bench_collect,
    bench_engines,
    bench_fingerprint,
    bench_hmc,
    bench_hmc_big,
    bench_hmc_rate,
    bench_neutron,
    bench_relay,
    bench_trial,
    bench_warp,
    bench_worker,
)
from benchmarks.load import generator
from harness.errors import EngineFailed

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Target:
    """A figure, where it comes from, and what it has to be."""

    what: str
    figure: str
    unit: str
    most: float | None = None
    least: float | None = None

    def row(self, figures: dict[str, float]) -> str:
        """A line of the table."""
        if self.figure not in figures:
            return f"| {self.what} | not measured: what it is held against is not installed | | |"
        value = figures[self.figure]
        wanted = f"< {self.most:g}" if self.most is not None else f"> {self.least:g}"
        good = value < self.most if self.most is not None else value > (self.least or 0.0)
        return f"| {self.what} | {value:.4g} {self.unit} | {wanted} {self.unit} | {'yes' if good else '**no**'} |"


TARGETS = (
    Target("harness overhead of a trial, median", "overhead_ms", "ms", most=200),
    Target("onset of a fault after its time, p99", "onset_p99_ms", "ms", most=10),
    Target("collecting 1,000 scenario files, by pytest", "seconds", "s", most=2),
    Target("mock HMC ready: `python -m harness.hmc` from its start, median", "process_ready_ms", "ms", most=300),
    Target("the same in a program that runs already, as in a trial", "ready_median_ms", "ms", most=300),
    Target("sequential zhmcclient requests", "requests_per_s", "/s", least=1000),
    Target("mock HMC with 10,000 partitions: ready", "big_load_s", "s", most=10),
    Target("the same: peak memory", "big_mb", "MB", most=500),
    Target("the same: zhmcclient lists all partitions", "big_list_s", "s", most=1),
    Target("the same: a read by URI, against 10 partitions", "big_read_ratio", "times", most=1.25),
    Target(f"requests a second, against vcsim (load by {generator()})", "hmc_to_vcsim", "times", least=0.5),
    Target("relay adds to a round trip, p50", "added_p50_ms", "ms", most=0.1),
    Target("requests a second, 8 connections, against Toxiproxy's", "relay_to_toxiproxy", "x", least=1.0),
    Target("fingerprint of zhmcclient, whole catalogue", "fingerprint_s", "s", most=90),
    Target("TR-1 to TR-8 at the concept's values, -n 2", "timeouts_s", "s", most=30),
    Target("peak memory of a worker", "worker_mb", "MB", most=250),
    Target("default suite at -n 4", "suite_s", "s", most=240),
    Target("a real Neutron ready, slowest of 3", "neutron_start_s", "s", most=25),
    Target("PSS of a whole run on it at -n 2, peak", "neutron_pss_mb", "MB", most=1200),
)


BENCHES = (
    bench_relay,
    bench_hmc,
    bench_hmc_big,
    bench_hmc_rate,
    bench_collect,
    bench_trial,
    bench_fingerprint,
    bench_warp,
    bench_worker,
)


def main() -> None:
    """Run all benchmarks."""
    figures: dict[str, float] = {}
    for bench in BENCHES:
        print(f"\n{bench.__name__.removeprefix('benchmarks.')}")
        figures |= bench.main()
    figures |= _where_set_up(bench_engines) | _where_set_up(bench_neutron)
    text = _page(figures)
    RESULTS.write_text(text, encoding="utf-8")
    print(f"\n{text}")


def _where_set_up(bench: ModuleType) -> dict[str, float]:
    """What needs a Toxiproxy server or a real Neutron; its rows are missing where there is none."""
    print(f"\n{bench.__name__.removeprefix('benchmarks.')}")
    try:
        figures: dict[str, float] = bench.main()
    except EngineFailed as error:
        print(error)
        return {}
    return figures


def _page(figures: dict[str, float]) -> str:
    return "\n".join(
        [
            "# Results",
            "",
            "Written by `make bench`. Numbers are of this machine and this moment; compare runs on one machine only.",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}: {_machine()}",
            "",
            "| what | measured | wanted | reached |",
            "|---|---|---|---|",
            *(target.row(figures) for target in TARGETS if target.figure in figures),
            "",
            f"Of the trial's overhead {figures['overhead_without_agents_end_ms']:.0f} ms are the harness's own;"
            " the rest is the agent's end.",
            f"Onsets measured: {figures['onsets']:.0f}. Trials in the suite: {figures['trials']:.0f}."
            f" Cases in the fingerprint: {figures['fingerprint_cases']:.0f}.",
            f"Of the process's start {figures['process_ready_cpu_ms']:.0f} ms are CPU time, nearly all of it imports.",
            f"TR-1 to TR-8: {figures['timeouts_trials']:.0f} trials, {figures['timeouts_agent_min']:.0f} minutes by the"
            f" agents' clocks; {figures['timeouts_again']:.0f} had to be played again; the load before was"
            f" {figures['timeouts_load']:.1f}.",
            f"The relay's round trip takes {figures['p50_ratio']:.2f} times a direct one. Of a zhmcclient request"
            f" {figures['server_us']:.0f} us are the mock HMC's.",
            "",
        ]
    )


def _machine() -> str:
    """The parts of the machine that matter to a figure."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")),
        platform.machine(),
    )
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} CPUs ({model}), Linux {platform.release()}, {python}"


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


if __name__ == "__main__":
    main()

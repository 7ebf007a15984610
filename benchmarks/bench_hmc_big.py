"""What a large inventory costs: 10,000 partitions with 2 NICs each.

Targets: loaded in less than 10 s, less than 500 MB, all partitions listed by zhmcclient in less than 1 s, and a read by
URI that costs no more than with 10 partitions (a ratio: the machine's noise is in both).

Run: python -m benchmarks.bench_hmc_big
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

import zhmcclient

from benchmarks.hmc_process import Client, Running, running_hmc
from harness.hmc.inventories.file import write
from harness.hmc.inventories.generate import Size, generate

SMALL, BIG, NICS = 10, 10_000, 2
HOSTS = {SMALL: "127.0.0.73", BIG: "127.0.0.74"}
READS = 400
ROUNDS = 5


def _inventory(folder: Path, partitions: int) -> Path:
    path = folder / f"{partitions}.json"
    write(generate(Size(cpcs=1, partitions=partitions, nics=NICS)), path)
    return path


def _uris(client: Client) -> list[str]:
    [cpc] = client.get("/api/cpcs")["cpcs"]
    found = client.get(f"{cpc['object-uri']}/partitions")["partitions"]
    return [str(item["object-uri"]) for item in found]


def _read_us(client: Client, uris: list[str], chance: random.Random) -> float:
    def once() -> float:
        uri = chance.choice(uris)
        began = time.perf_counter()
        client.get(uri)
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(READS)) * 1e6


def _list_s(hmc: Running) -> float:
    session = zhmcclient.Session(hmc.host, "zhmc", hmc.password, port=hmc.port, verify_cert=str(hmc.ca))
    [cpc] = zhmcclient.Client(session).cpcs.list()
    began = time.perf_counter()
    found = cpc.partitions.list()
    took = time.perf_counter() - began
    session.logoff()
    assert len(found) == BIG
    return took


def _compare(small: Running, big: Running) -> tuple[float, float]:
    """Median cost of a read in both, in turns, so that what else the machine does is in both."""
    chance = random.Random(1)  # noqa: S311 - which partitions are read
    clients = [Client(small), Client(big)]
    uris = [_uris(client) for client in clients]
    rounds = [
        [_read_us(client, known, chance) for client, known in zip(clients, uris, strict=True)] for _ in range(ROUNDS)
    ]
    for client in clients:
        client.close()
    return statistics.median(pair[0] for pair in rounds), statistics.median(pair[1] for pair in rounds)


def main() -> dict[str, float]:
    """Measure, print and return the numbers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {size: _inventory(folder, size) for size in (SMALL, BIG)}
        with running_hmc(paths[SMALL], HOSTS[SMALL]) as small, running_hmc(paths[BIG], HOSTS[BIG]) as big:
            list_s = _list_s(big)
            small_us, big_us = _compare(small, big)
            numbers = {
                "big_load_s": round(big.ready_s, 2),
                "big_mb": round(big.peak_mb()),
                "big_list_s": round(list_s, 3),
                "small_read_us": round(small_us),
                "big_read_us": round(big_us),
                "big_read_ratio": round(big_us / small_us, 2),
            }
    for key, value in numbers.items():
        print(f"{key:>16} {value}")
    return numbers


if __name__ == "__main__":
    main()

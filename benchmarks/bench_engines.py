"""The relay against Toxiproxy, in one run: what each adds to a round trip, and requests a second at eight connections.

Run it with ``python -m benchmarks.bench_engines``; it needs a Toxiproxy server (``make toxiproxy``). Server, engines
and clients are processes of their own, as in a trial, and the engines take turns.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path

from benchmarks.bench_relay import Address, _latencies_ms, _rate, _relay, _serve
from harness.engines.toxiproxy_server import ToxiproxyServer
from harness.errors import EngineFailed

ROUNDS = 3
"""Rates are taken in turns so often; the median counts."""
TOOLS = Path(__file__).resolve().parents[1] / ".tools"


def _toxiproxy(pipe: Connection, upstream: Address) -> None:
    """A Toxiproxy server with one proxy and no toxic."""

    async def serve() -> None:
        server = await ToxiproxyServer.find_or_start(TOOLS)
        wanted = {"listen": "127.0.0.1:0", "upstream": f"{upstream[0]}:{upstream[1]}", "enabled": True}
        made = await server.ask("POST", "/proxies", {"name": "bench", **wanted})
        host, _, port = str(made["listen"]).rpartition(":")
        pipe.send((host, int(port)))
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        await server.ask("DELETE", "/proxies/bench")
        await server.close()

    try:
        asyncio.run(serve())
    except EngineFailed as error:
        pipe.send(error)


def _measure(context: SpawnContext, addresses: dict[str, Address]) -> dict[str, float]:
    direct_ms, *others_ms = _latencies_ms(list(addresses.values()))
    _, relay, toxiproxy = addresses.values()
    rounds = [(_rate(context, relay), _rate(context, toxiproxy)) for _ in range(ROUNDS)]
    relay_rate, toxiproxy_rate = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    return {
        "direct_p50_ms": round(direct_ms, 4),
        "relay_added_p50_ms": round(others_ms[0] - direct_ms, 4),
        "toxiproxy_added_p50_ms": round(others_ms[1] - direct_ms, 4),
        "relay_requests_per_s": round(relay_rate),
        "toxiproxy_requests_per_s": round(toxiproxy_rate),
        "relay_to_toxiproxy": round(statistics.median(one / other for one, other in rounds), 2),
    }


def main() -> dict[str, float]:
    """Measure, print and return the numbers.

    Raises:
        EngineFailed: there is no Toxiproxy server; says how to get one.
    """
    context = multiprocessing.get_context("spawn")
    running: list[tuple[Connection, multiprocessing.process.BaseProcess]] = []
    addresses: dict[str, Address] = {}
    try:
        for name, work in (("direct", _serve), ("relay", _relay), ("toxiproxy", _toxiproxy)):
            ours, theirs = context.Pipe()
            upstream = (addresses["direct"],) if addresses else ()
            process = context.Process(target=work, args=(theirs, *upstream))
            process.start()
            running.append((ours, process))
            said = ours.recv()
            if isinstance(said, EngineFailed):
                raise said
            addresses[name] = said
        numbers = _measure(context, addresses)
    finally:
        for pipe, process in reversed(running):
            if process.is_alive():
                pipe.send("stop")
            process.join()
    for name, value in numbers.items():
        print(f"{name:26} {value:>12}")
    return numbers


if __name__ == "__main__":
    try:
        main()
    except EngineFailed as problem:
        sys.exit(str(problem))

"""Requests that no client would send: each gets an HMC error or a clean close; no traceback, no hang, no growth.

HMC_FUZZ says how many (10,000 if it does not), HMC_FUZZ_SEED which; a failure names the request and its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import re
import ssl
from collections import Counter
from pathlib import Path

import psutil
import pytest

from harness.hmc import HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from tests.contract.hmc_fuzzer import Fuzzer

pytestmark = pytest.mark.contract

HOST = "127.0.0.82"
INVENTORIES = Path(__file__).parents[2] / "scenarios" / "inventories"
COUNT = int(os.environ.get("HMC_FUZZ", "10000"))
SEED = int(os.environ.get("HMC_FUZZ_SEED", "1"))
DEADLINE_S = 20.0
"""Of one request. Only a hang takes so long."""
PAUSE_S = 0.002
"""Between the pieces of a request that comes in pieces."""
GROWTH_BYTES = 80 * 1024 * 1024


class Crashes(NullObserver):
    """Keeps what must not happen."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.statuses: Counter[int] = Counter()

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        self.statuses[status] += 1

    def on_crash(self, component: str, error: str) -> None:
        self.seen.append(error)


async def _ask(port: int, context: ssl.SSLContext, pieces: list[bytes], goes: bool = False) -> bytes:
    """Everything that comes back until the HMC closes; nothing for a client that `goes` while it still speaks."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=context, server_hostname=HOST)
    try:
        with contextlib.suppress(ConnectionError):
            for piece in pieces[:-1]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(PAUSE_S)
            if goes:
                writer.write(pieces[-1][: len(pieces[-1]) // 2])
                await writer.drain()
                await asyncio.sleep(PAUSE_S)
                return b""
            writer.write(pieces[-1])
            await writer.drain()
        try:
            return await reader.read() if b"\r\n\r\n" in b"".join(pieces) else b""
        except ConnectionError:
            return b""
    finally:
        writer.transport.abort()


def _check(answers: bytes) -> list[int]:
    """The statuses of answers, each of which has to be one of ours: an HTTP head, and its body whole."""
    statuses: list[int] = []
    while answers:
        head, _, rest = answers.partition(b"\r\n\r\n")
        version, status, *_ = head.split(b" ")
        assert version in (b"HTTP/1.0", b"HTTP/1.1")
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        body, answers = (rest[: int(length[1])], rest[int(length[1]) :]) if length else (b"", rest)
        assert b"Traceback" not in body
        assert int(status) != 500
        assert not length or len(body) == int(length[1])
        if int(status) >= 400:
            assert set(json.loads(body)) >= {"http-status", "reason", "message", "request-method", "request-uri"}
        elif b"application/json" in head and b"gzip" not in head:
            json.loads(body)
        statuses.append(int(status))
    return statuses


def test_nothing_that_is_sent_makes_the_hmc_crash_hang_or_grow(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(_fuzz())
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR
    ] == []


async def _fuzz() -> None:
    ca, crashes = ThrowawayCa(), Crashes()
    settings = HmcSettings(users={"u": "p"}, job_seconds=0.0, seed=SEED)
    hmc = MockHmc(Inventory.load(INVENTORIES / "two-nics.yaml"), settings, crashes, ca)
    port = await hmc.start(HOST)
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=ca.ca_pem.decode())
    try:
        fuzzer = await _new_fuzzer(hmc, port, context)
        await _run(fuzzer, port, context, crashes, COUNT // 4)
        before = psutil.Process().memory_info().rss
        await _run(fuzzer, port, context, crashes, COUNT - COUNT // 4)
        assert psutil.Process().memory_info().rss - before < GROWTH_BYTES
        assert set(crashes.statuses) >= {200, 204, 400, 404, 405}
        assert b"api-major-version" in await _ask(port, context, [fuzzer.request("GET", "/api/version", b"")])
    finally:
        await hmc.close()


async def _new_fuzzer(hmc: MockHmc, port: int, context: ssl.SSLContext) -> Fuzzer:
    uris = hmc.by_hand(lambda console: sorted(console.model.hmc.all_resources))
    fuzzer = Fuzzer(random.Random(SEED), HOST, uris)  # noqa: S311 - the same requests for the same seed
    logon = fuzzer.request("POST", "/api/sessions", b'{"userid": "u", "password": "p"}')
    answer = await _ask(port, context, [logon])
    fuzzer.session = json.loads(answer.partition(b"\r\n\r\n")[2])["api-session"]
    return fuzzer


async def _run(fuzzer: Fuzzer, port: int, context: ssl.SSLContext, crashes: Crashes, count: int) -> None:
    for number in range(count):
        pieces = fuzzer.any()
        told = f"request {number} of seed {SEED}: {b''.join(pieces)[:600]!r}"
        try:
            answer = await asyncio.wait_for(_ask(port, context, pieces, goes=number % 50 == 0), DEADLINE_S)
        except TimeoutError:
            pytest.fail(f"no answer to {told}")
        assert crashes.seen == [], told
        try:
            _check(answer)
        except (AssertionError, ValueError) as error:
            pytest.fail(f"{error!r} in the answer {answer[:2000]!r} to {told}")

"""Requests that no client would send: each gets an HMC error or a clean close; no traceback, no hang, no growth.

Those whose end never comes are held open meanwhile, all at once, until the HMC closes them.

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
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from harness.hmc import HmcSettings, Inventory, Limits, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.model import Model
from tests.contract.hmc_fuzzer import LONG_NAME, Fuzzer

pytestmark = pytest.mark.contract

HOST = "127.0.0.82"
INVENTORIES = Path(__file__).parents[2] / "scenarios" / "inventories"
COUNT = int(os.environ.get("HMC_FUZZ", "10000"))
SEED = int(os.environ.get("HMC_FUZZ_SEED", "1"))
DEADLINE_S = 20.0
"""Of one request. Only a hang takes so long."""
LIMITS = Limits(request_s=3.0, connections=120)
"""What is never finished is closed after so long."""
FLOOD = 400
"""Connections that are opened at once, more than three times as many as there may be."""
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
            return await reader.read()
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


@asynccontextmanager
async def _running(crashes: Crashes) -> AsyncIterator[tuple[Fuzzer, int, ssl.SSLContext]]:
    ca = ThrowawayCa()
    settings = HmcSettings(users={"u": "p"}, job_seconds=0.0, seed=SEED, limits=LIMITS)
    hmc = MockHmc(Inventory.load(INVENTORIES / "two-nics.yaml"), settings, crashes, ca)
    port = await hmc.start(HOST)
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=ca.ca_pem.decode())
    try:
        yield await _new_fuzzer(hmc, port, context), port, context
    finally:
        await hmc.close()


async def _fuzz() -> None:
    crashes = Crashes()
    async with _running(crashes) as (fuzzer, port, context):
        await _run(fuzzer, port, context, crashes, COUNT // 4)
        before = psutil.Process().memory_info().rss
        await _run(fuzzer, port, context, crashes, COUNT - COUNT // 4)
        assert psutil.Process().memory_info().rss - before < GROWTH_BYTES
        assert set(crashes.statuses) >= {200, 204, 400, 404, 405}
        assert b"api-major-version" in await _ask(port, context, [fuzzer.request("GET", "/api/version", b"")])


async def _new_fuzzer(hmc: MockHmc, port: int, context: ssl.SSLContext) -> Fuzzer:
    uris = hmc.by_hand(lambda console: sorted(console.model.hmc.all_resources))
    hmc.by_hand(lambda console: _name_partitions(console.model))
    fuzzer = Fuzzer(random.Random(SEED), HOST, uris)  # noqa: S311 - the same requests for the same seed
    logon = fuzzer.request("POST", "/api/sessions", b'{"userid": "u", "password": "p"}')
    answer = await _ask(port, context, [logon])
    fuzzer.session = json.loads(answer.partition(b"\r\n\r\n")[2])["api-session"]
    for kind in ("hipersockets", "smc-d", "ctc"):
        body = json.dumps({"name": kind, "type": kind, "cpc-uri": fuzzer.of_kind("cpcs")}).encode()
        made = await _ask(port, context, [fuzzer.request("POST", "/api/partition-links", body)])
        [link] = re.findall(rb"\r\nLocation: (\S+)", made)
        fuzzer.uris.append(link.decode())
    return fuzzer


def _name_partitions(model: Model) -> None:
    with model.transaction():
        for cpc in model.hmc.cpcs.list():
            for number, partition in enumerate(cpc.partitions.list()):
                partition.properties["name"] = LONG_NAME + str(number)


async def _run(fuzzer: Fuzzer, port: int, context: ssl.SSLContext, crashes: Crashes, count: int) -> None:
    unfinished: list[asyncio.Task[None]] = []
    for number in range(count):
        pieces = fuzzer.any()
        told = f"request {number} of seed {SEED}: {b''.join(pieces)[:600]!r}"
        trial = _try(port, context, pieces, told, crashes, goes=number % 50 == 0)
        if b"\r\n\r\n" in b"".join(pieces):
            await trial
        else:
            unfinished.append(asyncio.create_task(trial))
    await asyncio.gather(*unfinished)


async def _try(
    port: int, context: ssl.SSLContext, pieces: list[bytes], told: str, crashes: Crashes, *, goes: bool
) -> None:
    try:
        answer = await asyncio.wait_for(_ask(port, context, pieces, goes=goes), DEADLINE_S)
    except TimeoutError:
        pytest.fail(f"no answer to {told}")
    assert crashes.seen == [], told
    try:
        _check(answer)
    except (AssertionError, ValueError) as error:
        pytest.fail(f"{error!r} in the answer {answer[:2000]!r} to {told}")


def test_many_that_never_finish_keep_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(_flood())
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


async def _flood() -> None:
    crashes = Crashes()
    async with _running(crashes) as (fuzzer, port, context):
        good = fuzzer.request("GET", "/api/version", b"")
        flood = [asyncio.create_task(_never_finish(fuzzer, port, context, number)) for number in range(FLOOD)]
        began_s, answered = time.monotonic(), 0
        while not all(task.done() for task in flood):
            assert b"api-major-version" in await asyncio.wait_for(_ask(port, context, [good]), DEADLINE_S)
            answered += 1
            assert time.monotonic() - began_s < 3 * DEADLINE_S
        for answers in await asyncio.gather(*flood):
            _check(answers)
        assert answered > 0
        assert crashes.seen == []


async def _never_finish(fuzzer: Fuzzer, port: int, context: ssl.SSLContext, number: int) -> bytes:
    """Say the begin of something, and read what comes until the HMC closes the connection."""
    try:
        if number % 4 == 0:  # not even TLS's handshake
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"\x16\x03\x01\x02\x00\x01"[: number % 7])
        else:
            reader, writer = await asyncio.open_connection(HOST, port, ssl=context, server_hostname=HOST)
            writer.write(fuzzer.unfinished())
    except OSError:  # hung up on before its handshake was over, to make room
        return b""
    try:
        return await reader.read() if number % 4 else await _rest_of_tls(reader)
    except OSError:
        return b""
    finally:
        writer.transport.abort()


async def _rest_of_tls(reader: asyncio.StreamReader) -> bytes:
    await reader.read()
    return b""

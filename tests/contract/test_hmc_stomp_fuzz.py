"""STOMP that no client would speak, before and after logon: an ERROR or a clean end, no traceback, others are served.

HMC_FUZZ says how many conversations (a tenth of it, 1,000 if it says nothing), HMC_FUZZ_SEED which; a failure names the
conversation and its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections import Counter

import pytest

from harness.hmc import HmcSettings, Inventory, MockHmc, ThrowawayCa
from harness.hmc.notifications.frames import FrameReader
from tests.contract.hmc_stomp_fuzzer import StompFuzzer, listening
from tests.contract.hmc_world import INVENTORIES
from tests.contract.test_hmc_fuzz import COUNT, DEADLINE_S, LIMITS, SEED, Crashes

pytestmark = pytest.mark.contract

HOST = "127.0.0.83"
USER, PASSWORD = "u", "p"


def test_nothing_that_is_sent_makes_the_message_broker_crash_or_hang(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(_fuzz())
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR
    ] == []


async def _fuzz() -> None:
    crashes, ca = Crashes(), ThrowawayCa()
    settings = HmcSettings(users={USER: PASSWORD}, seed=SEED, limits=LIMITS)
    hmc = MockHmc(Inventory.load(INVENTORIES / "two-nics.yaml"), settings, crashes, ca)
    await hmc.start(HOST, stomp_port=0)
    try:
        context = ssl.create_default_context(cadata=ca.ca_pem.decode())
        session = hmc.by_hand(lambda console: console.sessions.logon(USER, PASSWORD))
        fuzzer = StompFuzzer(random.Random(SEED), session.id, session.credential, session.topic)  # noqa: S311 - a seed's
        await _converse(hmc, context, fuzzer, crashes)
        async with listening(HOST, hmc.stomp_port, context, (USER, PASSWORD), session.topic) as heard:
            hmc.remove_nic("part-1", hmc.owned_nics("dpm-host-1")[0].name)
            await asyncio.wait_for(heard.something.wait(), DEADLINE_S)
        assert crashes.seen == []
    finally:
        await hmc.close()


async def _converse(hmc: MockHmc, context: ssl.SSLContext, fuzzer: StompFuzzer, crashes: Crashes) -> None:
    ends: Counter[str] = Counter()
    for number in range(max(COUNT // 10, 1)):
        pieces = fuzzer.conversation()
        told = f"conversation {number} of seed {SEED}: {b''.join(pieces)[:600]!r}"
        try:
            answer = await asyncio.wait_for(_say(hmc.stomp_port, context, pieces), DEADLINE_S)
        except TimeoutError:
            pytest.fail(f"no end to {told}")
        assert crashes.seen == [], told
        commands = [frame.command for frame in FrameReader().feed(answer)]
        assert set(commands[:-1]) <= {"CONNECTED", "RECEIPT"}, told
        assert b"Traceback" not in answer, told
        ends[commands[-1] if commands else "closed"] += 1
    assert set(ends) <= {"RECEIPT", "ERROR", "CONNECTED", "closed"}
    assert ends["ERROR"] > 0 < ends["RECEIPT"]


async def _say(port: int | None, context: ssl.SSLContext, pieces: list[bytes]) -> bytes:
    """Everything that comes back until the HMC closes."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=context, server_hostname=HOST)
    answer = asyncio.create_task(_read(reader))
    try:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
        return await answer
    finally:
        writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            answer += piece
    return answer

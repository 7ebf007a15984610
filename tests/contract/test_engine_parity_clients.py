"""One contract for both L4 engines: what a TLS client and zhmcclient see is the same.

The half of Toxiproxy needs its server: `make toxiproxy-test`.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from pathlib import Path

import pytest
import zhmcclient

from harness.core.commands import (
    Command,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Hang,
    RefuseConnections,
    Throttle,
)
from tests.contract.engine_world import SickTls, on_each_engine, sick_hmc, sick_tls
from tests.contract.relay_world import DEADLINE_S

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
REFUSE = RefuseConnections(existing=Existing.CLOSE)

# A TLS client


@on_each_engine
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("how", Cut)
def test_a_handshake_that_is_cut_fails_and_the_next_one_is_well(name: str, how: Cut, direction: Direction) -> None:
    async def story() -> None:
        async with sick_tls(name) as s:
            await s.engine.begin(1, CutConnection(how=how, direction=direction))
            with pytest.raises(ConnectionResetError if how is Cut.RST else (ConnectionError, ssl.SSLError)):
                await s.connect()
            await s.engine.heal(1)
            reader, writer = await s.connect()
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            writer.transport.abort()
            assert s.recorder.touches(1)

    asyncio.run(story())


@on_each_engine
def test_a_handshake_goes_on_after_a_hang(name: str) -> None:
    async def story() -> None:
        async with sick_tls(name) as s:
            await s.engine.begin(1, Hang())
            connecting = asyncio.create_task(s.connect())
            await asyncio.sleep(0.1)
            assert not connecting.done()
            await s.engine.heal(1)
            async with asyncio.timeout(DEADLINE_S):
                _, writer = await connecting
            writer.transport.abort()
            assert s.recorder.touches(1)

    asyncio.run(story())


async def echoed(s: SickTls, amount: int) -> tuple[bytes, float]:
    """What comes back of so many bytes over a connection of its own, until its end; and how long that took."""
    reader, writer = await s.connect()
    began = s.recorder.now()
    writer.write(bytes(amount))
    async with asyncio.timeout(DEADLINE_S):
        try:
            got = await reader.readexactly(amount)
        except asyncio.IncompleteReadError as error:
            got = error.partial
        except (ConnectionError, ssl.SSLError):
            got = b""
    writer.transport.abort()
    return got, s.recorder.now() - began


@on_each_engine
@pytest.mark.parametrize(
    ("command", "least_s"),
    [
        (Delay(direction=REQUEST, delay_s=0.2), 0.2),
        (Delay(direction=RESPONSE, delay_s=0.2), 0.2),
        # A record of 100 bytes is 122 on the wire (RFC 8446), and of no use before the last of them.
        (Throttle(direction=RESPONSE, bytes_per_s=500, chunk_bytes=1), 0.2),
        (Throttle(direction=RESPONSE, bytes_per_s=1000, chunk_bytes=1448), 0.1),
    ],
    ids=["late request", "late answer", "drip", "narrow line"],
)
def test_a_tls_client_gets_all_of_it_late(name: str, command: Command, least_s: float) -> None:
    async def story() -> None:
        async with sick_tls(name) as s:
            _, well_s = await echoed(s, 100)
            await s.engine.begin(1, command)
            got, took_s = await echoed(s, 100)
            assert got == bytes(100)
            assert took_s >= least_s * 0.9
            assert took_s > 2 * well_s
            assert s.recorder.touches(1)
            await s.engine.heal(1)
            assert (await echoed(s, 100))[0] == bytes(100)

    asyncio.run(story())


@on_each_engine
def test_a_tls_client_is_refused_and_then_served(name: str) -> None:
    async def story() -> None:
        async with sick_tls(name) as s:
            await s.engine.begin(1, REFUSE)
            with pytest.raises(ConnectionRefusedError):
                await s.connect()
            await s.engine.heal(1)
            assert (await echoed(s, 100))[0] == bytes(100)

    asyncio.run(story())


@on_each_engine
def test_a_tls_clients_answer_that_is_cut_inside_a_record_is_none(name: str) -> None:
    """The handshake's answer, some 1,200 bytes, passes; of the one record that follows only a part arrives."""

    async def story() -> None:
        async with sick_tls(name) as s:
            reader, writer = await s.connect()
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            await s.engine.begin(1, CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=50))
            writer.write(bytes(100))
            async with asyncio.timeout(DEADLINE_S):
                with pytest.raises((asyncio.IncompleteReadError, ConnectionError, ssl.SSLError)) as caught:
                    await reader.readexactly(100)
            assert getattr(caught.value, "partial", b"") == b""
            assert s.recorder.touches(1)
            writer.transport.abort()

    asyncio.run(story())


# zhmcclient


def error_of(session: zhmcclient.Session) -> str:
    """What a request ends with."""
    try:
        zhmcclient.Client(session).cpcs.list()
    except zhmcclient.ConnectionError as error:
        return str(error)
    raise AssertionError("it did not fail")


@on_each_engine
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (REFUSE, "Connection refused"),
        (Hang(), "[Rr]ead timed out"),
        (Delay(direction=RESPONSE, delay_s=5), "[Rr]ead timed out"),
        (CutConnection(how=Cut.FIN, direction=RESPONSE), "closed|EOF"),
    ],
    ids=["refuse", "hang", "delay", "drop"],
)
def test_zhmcclient_fails_alike_with_an_open_session_and_is_well_afterwards(
    name: str, tmp_path: Path, command: Command, words: str
) -> None:
    async def story() -> None:
        async with sick_hmc(name, tmp_path) as s:
            session = s.session()
            await asyncio.to_thread(zhmcclient.Client(session).cpcs.list)
            await s.engine.begin(1, command)
            assert re.search(words, await asyncio.to_thread(error_of, session))
            assert s.recorder.touches(1)
            await s.engine.heal(1)
            assert await asyncio.to_thread(zhmcclient.Client(session).cpcs.list)
            await asyncio.to_thread(session.logoff)

    asyncio.run(story())


@on_each_engine
@pytest.mark.parametrize(
    "command",
    [
        Delay(direction=REQUEST, delay_s=0.2),
        Delay(direction=RESPONSE, delay_s=0.2),
        Throttle(direction=RESPONSE, bytes_per_s=500, chunk_bytes=1),
        Throttle(direction=RESPONSE, bytes_per_s=1000, chunk_bytes=1448),
    ],
    ids=["late request", "late answer", "drip", "narrow line"],
)
def test_zhmcclient_gets_the_same_answer_late(name: str, tmp_path: Path, command: Command) -> None:
    async def story() -> None:
        async with sick_hmc(name, tmp_path) as s:
            session = s.session()

            def asks() -> tuple[object, float]:
                began = s.recorder.now()
                answer = session.get("/api/version")
                return answer, s.recorder.now() - began

            await asyncio.to_thread(session.logon)
            well, well_s = await asyncio.to_thread(asks)
            await s.engine.begin(1, command)
            late, late_s = await asyncio.to_thread(asks)
            assert late == well
            assert late_s >= 0.2
            assert late_s > 2 * well_s
            assert s.recorder.touches(1)
            await s.engine.heal(1)
            await asyncio.to_thread(session.logoff)

    asyncio.run(story())


@on_each_engine
@pytest.mark.parametrize("direction", Direction)
def test_zhmcclients_logon_is_reset(name: str, tmp_path: Path, direction: Direction) -> None:
    async def story() -> None:
        async with sick_hmc(name, tmp_path) as s:
            await s.engine.begin(1, CutConnection(how=Cut.RST, direction=direction))
            assert "reset" in await asyncio.to_thread(error_of, s.session())
            assert s.recorder.touches(1)
            assert s.requests == []

    asyncio.run(story())

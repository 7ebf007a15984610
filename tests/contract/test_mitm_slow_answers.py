"""Through a real mitmproxy: answers that come byte by byte, as a TLS client and as zhmcclient see them."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import zhmcclient

from harness.core.commands import (
    AnswerPart,
    Direction,
    DripAnswer,
    EnlargeAnswer,
    Framing,
    LoseExchange,
    Throttle,
    TruncateAnswer,
)
from harness.core.events import ComponentCrashed, Touched
from harness.core.patterns import ANY_REQUEST, RequestPattern
from harness.engines.mitm import MitmProxy
from tests.contract.engine_world import HOST as HMC_HOST
from tests.contract.engine_world import SickHmc, sick_hmc
from tests.contract.mitm_world import COMPLETE, HOST, World, world
from tests.contract.raw_client import WITHIN_S, raw_ask, trusting

pytestmark = pytest.mark.contract

HEADERS, BODY = AnswerPart.HEADERS, AnswerPart.BODY
GOOD = json.dumps(COMPLETE).encode()


def drip(part: AnswerPart, bytes_per_s: float, match: RequestPattern = ANY_REQUEST) -> DripAnswer:
    return DripAnswer(match=match, part=part, bytes_per_s=bytes_per_s)


def records_of(port: int, closes: bool = False) -> list[bytes]:
    """What each read of a client gives: a read never returns more than one record (OpenSSL's SSL_read)."""
    pieces: list[bytes] = []
    ends = "Connection: close\r\n" if closes else ""
    with (
        socket.create_connection((HOST, port), WITHIN_S) as plain,
        trusting().wrap_socket(plain, server_hostname=HOST) as sock,
    ):
        sock.sendall(f"GET /api/cpcs HTTP/1.1\r\nHost: {HOST}:{port}\r\n{ends}\r\n".encode())
        while not b"".join(pieces).endswith(GOOD):
            pieces.append(sock.recv(65536))
            assert pieces[-1], f"ended after {pieces}"
    return pieces


def in_single_bytes(pieces: list[bytes]) -> bool:
    return all(len(piece) == 1 for piece in pieces)


async def touches(it: World, number: int) -> list[Touched]:
    await it.recorder.until(lambda: len(it.recorder.all(Touched)) >= number)
    return it.recorder.all(Touched)


def test_a_body_comes_in_records_of_one_byte_and_its_headers_at_once() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, drip(BODY, 500))
            began = time.monotonic()
            head, *body = await asyncio.to_thread(records_of, it.port)
            assert time.monotonic() - began >= len(GOOD) / 500
            assert head.endswith(b"\r\n\r\n")
            assert in_single_bytes(body)
            begins, ends = await touches(it, 2)
            assert (begins.what, begins.amount, begins.over) == ("GET /api/cpcs: sends the body byte by byte", 0, False)
            assert (ends.amount, ends.over) == (1, True)
            assert ends.what == f"GET /api/cpcs: sent {len(GOOD)} bytes of the body one by one, all of it"

    asyncio.run(scene())


def test_headers_come_in_records_of_one_byte_and_their_body_at_once() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, drip(HEADERS, 500))
            began = time.monotonic()
            *head, body = await asyncio.to_thread(records_of, it.port)
            assert time.monotonic() - began >= len(head) / 500
            assert in_single_bytes(head)
            assert b"".join(head).endswith(b"\r\n\r\n")
            assert body == GOOD
            ends = (await touches(it, 2))[-1]
            assert ends.what == f"GET /api/cpcs: sent {len(head)} bytes of the headers one by one, all of it"

    asyncio.run(scene())


def test_a_connection_that_was_open_before_drips_and_what_is_healed_does_not() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.ask()
            await it.proxy.begin(1, drip(BODY, 0.001))
            asked = asyncio.create_task(it.ask())
            await touches(it, 1)
            await it.proxy.heal(1)
            assert (await asked).body == GOOD, "the rest came at once"
            ends = (await touches(it, 2))[-1]
            assert ends.what.endswith("sent 0 bytes of the body one by one, then the fault was healed")
            assert len(it.upstream.connections) == 1
            assert (await it.ask()).body == GOOD
            assert len(it.recorder.all(Touched)) == 2

    asyncio.run(scene())


def test_a_client_that_gives_up_is_a_witness_and_no_answer_of_another_waits() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, drip(BODY, 20, RequestPattern.parse("GET /slow")))
            giving_up = asyncio.create_task(it.ask("/slow"))
            await touches(it, 1)
            assert (await it.ask("/quick")).body == GOOD
            giving_up.cancel()
            assert (await touches(it, 2))[-1].what.endswith("then the client gave up")
            assert (await it.ask("/quick")).body == GOOD
            assert len(it.recorder.all(Touched)) == 2

    asyncio.run(scene())


def test_it_composes_with_what_else_befalls_the_answer() -> None:
    """Of two rates the slower one rules; what was spoilt drips; and a connection ends after the last byte."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, drip(HEADERS, 2000))
            await it.proxy.begin(2, drip(BODY, 100_000))
            await it.proxy.begin(3, drip(BODY, 500))
            await it.proxy.begin(4, EnlargeAnswer(match=ANY_REQUEST, part=BODY, size_bytes=50))
            await it.proxy.begin(5, TruncateAnswer(match=ANY_REQUEST, framing=Framing.CLOSE))
            began = time.monotonic()
            answer = await raw_ask(it.port, "/api/cpcs")
            half = (len(GOOD) + 50) // 2
            assert answer.body == (GOOD + b" " * 50)[:half]
            assert time.monotonic() - began >= half / 500
            ends = [event for event in await touches(it, 8) if event.over]
            assert {event.step for event in ends} == {1, 2, 3, 4, 5}

    asyncio.run(scene())


def test_an_answer_that_is_lost_has_nothing_to_drip() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, drip(BODY, 1))
            await it.proxy.begin(2, LoseExchange(match=ANY_REQUEST, executed=True))
            assert (await raw_ask(it.port, "/api/cpcs")).head == b""
            await it.proxy.heal(1)
            await it.proxy.heal(2)
            assert (await raw_ask(it.port, "/api/cpcs")).body == GOOD
            assert [event.step for event in it.recorder.all(Touched)] == [2]
            assert it.recorder.all(ComponentCrashed) == []

    asyncio.run(scene())


# zhmcclient: its read timeout is one second


@asynccontextmanager
async def through_mitmproxy(s: SickHmc) -> AsyncIterator[MitmProxy]:
    """mitmproxy between the relay and the HMC."""
    made = await MitmProxy.start(ca_pem=s.ca.ca_key_and_cert_pem(), upstream_ca_pem=s.ca.ca_pem)
    try:
        s.relay.connect_to(HMC_HOST, await made.attach(s.recorder, listen_host=HMC_HOST, upstream=s.upstream))
        yield made
        await made.detach()
    finally:
        await made.close()


RATE = 40.0
"""So slow that any part of an answer takes longer than two read timeouts; from byte to byte it is a fortieth of one."""


@pytest.mark.parametrize("part", AnswerPart)
def test_the_read_timeout_of_zhmcclient_restarts_at_each_byte_of_an_answer(part: AnswerPart, tmp_path: Path) -> None:
    async def story() -> None:
        async with sick_hmc("relay", tmp_path) as s, through_mitmproxy(s) as proxy:
            session = s.session()
            cpcs = await asyncio.to_thread(session.get, "/api/cpcs")
            await proxy.begin(1, drip(part, RATE, RequestPattern.parse("GET /api/cpcs")))
            began = time.monotonic()
            assert await asyncio.to_thread(session.get, "/api/cpcs") == cpcs
            assert time.monotonic() - began > 2 * session.retry_timeout_config.read_timeout
            assert s.recorder.touches(1)[-1].what.endswith("all of it")
            await proxy.heal(1)
            began = time.monotonic()
            await asyncio.to_thread(session.logoff)
            assert s.requests.count("GET /api/cpcs") == 2, "nothing was sent again"

    asyncio.run(story())


def test_at_the_same_rate_a_drip_of_bytes_on_the_wire_does_not_restart_it(tmp_path: Path) -> None:
    """A record that is not whole is nothing to a TLS client, though its bytes come."""

    async def story() -> None:
        async with sick_hmc("relay", tmp_path) as s:
            session = s.session()
            await asyncio.to_thread(session.get, "/api/cpcs")
            await s.engine.begin(1, Throttle(direction=Direction.RESPONSE, bytes_per_s=RATE, chunk_bytes=1))
            with pytest.raises(zhmcclient.ConnectionError, match=r"(?i)read timed out"):
                await asyncio.to_thread(session.get, "/api/cpcs")
            assert s.recorder.touches(1)
            await s.engine.heal(1)
            await asyncio.to_thread(session.logoff)

    asyncio.run(story())

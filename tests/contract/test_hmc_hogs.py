"""Clients that want much, or never finish: the others are answered, and what is unfinished is ended in time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.hmc_process import Client, running_hmc
from harness.hmc import HMC_PORT, HmcSettings, Limits
from harness.hmc.inventories.file import write
from harness.hmc.inventories.generate import Size, generate
from harness.hmc.notifications import STOMP_PORT
from tests.contract.hmc_fuzzer import FILTERS, LONG_NAME
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until
from tests.contract.test_hmc_http import ask, logon

pytestmark = pytest.mark.contract

HOST = "127.0.0.83"
PARTITIONS = 4000
ROUNDS = 5
LONGEST_WAIT = 0.4
"""Of others, as a part of the time that a large answer takes. It is 0.05 on a quiet machine, and was 0.95 when such an
answer was made in one go."""
WITHIN_S = 0.5
DEADLINE_S = 20.0
"""Only what never comes takes so long."""
LIMITS = HmcSettings(users={USER: PASSWORD}, limits=Limits(request_s=WITHIN_S, connections=20))
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"GET /api/version HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"


@pytest.mark.parametrize("text", FILTERS)
def test_no_filter_keeps_the_hmc_busy(tmp_path: Path, text: str) -> None:
    with hmc_world(tmp_path) as world:
        head = {"X_API_Session": logon(world)}
        [cpc] = ask(world, "GET", "/api/cpcs", **head).body["cpcs"]
        partitions = ask(world, "GET", f"{cpc['object-uri']}/partitions", **head).body["partitions"]
        for number, partition in enumerate(partitions):
            ask(world, "POST", partition["object-uri"], {"name": f"{LONG_NAME}{number}"}, **head)
        for path in (
            f"{cpc['object-uri']}/partitions?name",
            "/api/console/operations/list-permitted-partitions?cpc-name",
            "/api/console/operations/list-features?name",
            "/api/partition-links?name",
        ):
            began_s = time.process_time()
            answer = ask(world, "GET", f"{path}={quote(text)}", **head)
            assert time.process_time() - began_s < 1
            assert answer.status in (200, 400)
            assert answer.status == 200 or answer.body["reason"] == 14
            assert "partitions" not in (answer.body if answer.status == 200 else {}) or not answer.body["partitions"]


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    """Ask over a connection that is kept; the answer's body."""
    writer.write(data)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200"), head
    [length] = [line for line in head.split(b"\r\n") if line.startswith(b"content-length")]
    return await reader.readexactly(int(length.split(b":")[1]))


def _request(method: str, path: str, session: str = "", body: object = None) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nX-API-Session: {session}\r\nContent-Length: {len(data)}\r\n"
    kind = "Content-Type: application/json\r\n" if data else ""
    return f"{head}{kind}\r\n".encode() + data


async def _longest_wait(port: int, context: ssl.SSLContext, large: bytes) -> float:
    """The longest that another client waits while a large answer is made, as a part of the time that this takes."""
    waits: list[float] = []
    done = asyncio.Event()

    async def keep_asking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not done.is_set():
            began_s = time.perf_counter()
            await _say(reader, writer, _request("GET", "/api/version"))
            waits.append(time.perf_counter() - began_s)

    async with _connected_to(HOST, port, context) as hog, _connected_to(HOST, port, context) as other:
        asking = asyncio.create_task(keep_asking(*other))
        began_s = time.perf_counter()
        await _say(*hog, large)
        took_s = time.perf_counter() - began_s
        done.set()
        await asking
    return max(waits) / took_s


def test_a_large_answer_holds_nobody_up(tmp_path: Path) -> None:
    inventory = tmp_path / "big.json"
    write(generate(Size(cpcs=1, partitions=PARTITIONS, nics=2)), inventory)
    with running_hmc(inventory, HOST) as hmc:
        client = Client(hmc)
        [cpc] = client.get("/api/cpcs")["cpcs"]
        uris = [item["object-uri"] for item in client.get(f"{cpc['object-uri']}/partitions")["partitions"]]
        reads = {"requests": [{"method": "GET", "uri": uri} for uri in uris]}
        for path, body in (("/api/services/inventory", {}), ("/api/services/aggregation/submit", reads)):
            large = _request("POST", path, client.session_id, body)
            parts = [asyncio.run(_longest_wait(hmc.port, hmc.context(), large)) for _ in range(ROUNDS)]
            assert statistics.median(parts) < LONGEST_WAIT, (path, parts)
        client.close()


@asynccontextmanager
async def _connected(world: World, port: int = HMC_PORT) -> AsyncIterator[Streams]:
    async with _connected_to(world.host, port, ssl.create_default_context(cafile=world.ca_file)) as streams:
        yield streams


@asynccontextmanager
async def _connected_to(host: str, port: int, context: ssl.SSLContext) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(host, port, ssl=context, limit=1024)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _until_it_ends(world: World, data: bytes, port: int = HMC_PORT) -> tuple[bytes, float]:
    """What comes after this has been sent and nothing more, and how many seconds after it the connection ends."""
    async with asyncio.timeout(DEADLINE_S), _connected(world, port) as (reader, writer):
        began_s = time.monotonic()
        writer.write(data)
        return await reader.read(), time.monotonic() - began_s


@pytest.mark.parametrize("data", [b"", HEAD[:1], HEAD, HEAD + b"\r\n" + HEAD, POST + b"{" + b" " * 49 + HEAD])
def test_half_a_head_is_waited_for_as_long_as_it_may_take(tmp_path: Path, data: bytes) -> None:
    with hmc_world(tmp_path, settings=LIMITS) as world:
        _, seconds = asyncio.run(_until_it_ends(world, data))
        assert seconds >= WITHIN_S * 0.9


def test_half_a_body_is_refused_when_its_time_is_over(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=LIMITS) as world:
        answer, seconds = asyncio.run(_until_it_ends(world, POST + b"{"))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(body)["reason"] == 1
        assert seconds >= WITHIN_S * 0.9


def test_half_a_handshake_is_ended(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=LIMITS) as world:
        for port in (HMC_PORT, STOMP_PORT):
            with socket.create_connection((world.host, port), timeout=DEADLINE_S) as connection:
                connection.sendall(b"\x16\x03\x01")
                with contextlib.suppress(ConnectionResetError):
                    assert connection.recv(1) == b""


def test_who_never_logs_on_to_the_message_broker_is_hung_up_on(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=LIMITS) as world:
        _, seconds = asyncio.run(_until_it_ends(world, b"CONNECT\n", STOMP_PORT))
        assert seconds >= WITHIN_S * 0.9


def test_a_connection_between_two_requests_may_idle_and_a_slow_one_may_take_its_time(tmp_path: Path) -> None:
    async def idle(world: World) -> None:
        async with asyncio.timeout(DEADLINE_S), _connected(world) as (reader, writer):
            for pieces in ([HEAD + b"\r\n"], [HEAD[:9], HEAD[9:] + b"\r\n"]):
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(WITHIN_S / 4)
                await _say(reader, writer, b"")
                await asyncio.sleep(WITHIN_S * 2)

    with hmc_world(tmp_path, settings=LIMITS) as world:
        asyncio.run(idle(world))


def test_who_does_not_read_a_large_answer_is_hung_up_on(tmp_path: Path) -> None:
    def grow(world: World) -> None:
        def describe(console: object) -> None:
            model = console.model  # type: ignore[attr-defined]  # what is handed in is the console
            with model.transaction():
                for cpc in model.hmc.cpcs.list():
                    cpc.properties["description"] = "long " * 4_000_000

        world.hmc.by_hand(describe)

    async def leave_unread(world: World, session: str) -> None:
        async with _connected(world) as (reader, writer):
            writer.write(_request("POST", "/api/services/inventory", session, {"resources": ["cpc"]}))
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.to_thread(until, lambda: world.do(lambda: not _at_work(world)), DEADLINE_S)

    with hmc_world(tmp_path, settings=LIMITS) as world:
        world.do(lambda: grow(world))
        asyncio.run(leave_unread(world, logon(world)))


def _at_work(world: World) -> list[object]:
    """The connections that an HMC has open."""
    listener = world.hmc._doors._listener
    assert listener is not None
    listener._prune()
    return list(listener._open)


def test_one_too_many_takes_the_place_of_who_was_silent_for_the_longest(tmp_path: Path) -> None:
    patient = HmcSettings(users={USER: PASSWORD}, limits=Limits(request_s=None, connections=3))

    async def crowd(world: World) -> None:
        async with asyncio.timeout(DEADLINE_S), contextlib.AsyncExitStack() as stack:
            first, second, third = [await stack.enter_async_context(_connected(world)) for _ in range(3)]
            for reader, writer in (first, third, second):
                await _say(reader, writer, HEAD + b"\r\n")
            first[1].write(POST)  # half of one: it is this client's turn, and he was heard last
            mine = first[1].get_extra_info("sockname")
            await asyncio.to_thread(until, lambda: world.do(lambda: _heard_last(world) == mine))
            newest = await stack.enter_async_context(_connected(world))
            assert await third[0].read() == b""
            for reader, writer in (second, newest):
                await _say(reader, writer, HEAD + b"\r\n")
            first[1].write(b" " * 50)
            assert (await first[0].readline()).startswith(b"HTTP/1.1 400 ")

    with hmc_world(tmp_path, settings=patient) as world:
        asyncio.run(crowd(world))


def _heard_last(world: World) -> object:
    """The address of the client that was heard last."""
    listener = world.hmc._doors._listener
    assert listener is not None
    silent = [(seat.silent_since_s() or 0, item.getpeername()) for item, seat in listener._open.items()]
    return max(silent)[1]

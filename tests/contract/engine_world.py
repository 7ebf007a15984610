"""The relay's world with either L4 engine in it: `engine` carries out commands, `recorder` tells of them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
import zhmcclient

from harness.core.interfaces import Engine
from harness.engines.relay import Relay
from harness.engines.toxiproxy import Toxiproxy
from harness.engines.toxiproxy_server import ToxiproxyServer
from harness.hmc import HmcSettings, Inventory, MockHmc, ThrowawayCa
from tests.contract.relay_world import ListRecorder, WallClock, World, world

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
HOST = "127.0.0.1"
USER, PASSWORD = "agent", "right"

on_each_engine = pytest.mark.parametrize(
    "name", ["relay", pytest.param("toxiproxy", marks=pytest.mark.toxiproxy, id="toxiproxy")]
)


@asynccontextmanager
async def engine_of(
    name: str, front: Relay, recorder: ListRecorder, upstream: tuple[str, int]
) -> AsyncIterator[Engine]:
    """The engine of this name, between a listening relay and an upstream."""
    front.connect_to(*upstream)
    if name == "relay":
        yield front
        return
    server = await ToxiproxyServer.find_or_start(TOOLS)
    try:
        toxiproxy = await Toxiproxy.attach(server, recorder, WallClock(), front, upstream=upstream)
        try:
            yield toxiproxy
        finally:
            await toxiproxy.close()
    finally:
        await server.close()


@dataclass
class Sick:
    """A world and the engine that makes it sick."""

    w: World
    engine: Engine

    def touched(self, step: int) -> bool:
        """The step has a witness."""
        return bool(self.w.recorder.touches(step))


@asynccontextmanager
async def sick(name: str) -> AsyncIterator[Sick]:
    """Raw sockets on both sides."""
    async with world() as w, engine_of(name, w.relay, w.recorder, w.upstream.getsockname()) as engine:
        yield Sick(w, engine)


class Echo(asyncio.Protocol):
    """A server that says what it hears."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@dataclass
class SickTls:
    """A TLS server that echoes, behind an engine."""

    relay: Relay
    recorder: ListRecorder
    engine: Engine
    context: ssl.SSLContext

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client whose handshake is over."""
        return await asyncio.open_connection(*self.relay.address, ssl=self.context)


@asynccontextmanager
async def sick_tls(name: str) -> AsyncIterator[SickTls]:
    """A TLS server that echoes."""
    ca, recorder = trustme.CA(), ListRecorder()
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert(HOST).configure_cert(served)
    ca.configure_trust(trusting)
    server = await asyncio.get_running_loop().create_server(Echo, HOST, 0, ssl=served)
    relay = Relay(recorder, WallClock(), seed=1)
    async with AsyncExitStack() as stack:
        stack.callback(server.close)
        stack.push_async_callback(relay.close)
        await relay.listen(HOST, 0)
        upstream = server.sockets[0].getsockname()
        engine = await stack.enter_async_context(engine_of(name, relay, recorder, upstream))
        yield SickTls(relay, recorder, engine, trusting)


class _Deaf:
    """An observer of the mock HMC that only counts requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        self.requests.append(f"{method} {path}")

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None: ...

    def on_session(self, user: str, what: str) -> None: ...

    def on_secret(self, text: str, name: str) -> None: ...

    def on_crash(self, component: str, error: str) -> None:
        raise AssertionError(f"{component}: {error}")


@dataclass
class SickHmc:
    """The mock HMC behind an engine."""

    relay: Relay
    recorder: ListRecorder
    engine: Engine
    requests: list[str]
    ca_file: Path
    ca: ThrowawayCa
    upstream: tuple[str, int]

    def session(self) -> zhmcclient.Session:
        """A client that neither retries nor waits long. Its calls block: use a thread."""
        timeouts = zhmcclient.RetryTimeoutConfig(connect_timeout=5, connect_retries=0, read_timeout=1, read_retries=0)
        host, port = self.relay.address
        return zhmcclient.Session(
            host, USER, PASSWORD, port=port, verify_cert=str(self.ca_file), retry_timeout_config=timeouts
        )


@asynccontextmanager
async def sick_hmc(name: str, folder: Path) -> AsyncIterator[SickHmc]:
    """The mock HMC."""
    ca, recorder, deaf = ThrowawayCa(), ListRecorder(), _Deaf()
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(ca.ca_pem)
    inventory = Inventory.load(ROOT / "scenarios/inventories/two-nics.yaml")
    hmc = MockHmc(inventory, HmcSettings(users={USER: PASSWORD}), deaf, ca)
    relay = Relay(recorder, WallClock(), seed=1)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(hmc.close)
        stack.push_async_callback(relay.close)
        upstream = (HOST, await hmc.start(HOST))
        await relay.listen(HOST, 0)
        engine = await stack.enter_async_context(engine_of(name, relay, recorder, upstream))
        yield SickHmc(relay, recorder, engine, deaf.requests, ca_file, ca, upstream)

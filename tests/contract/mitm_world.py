"""A small HMC over TLS, mitmproxy in front of it, and a client that trusts the throwaway authority."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import trustme
from aiohttp import web

from harness.core.commands import HttpCommand
from harness.core.events import Touched
from harness.engines.mitm import MitmProxy
from tests.engines.recorders import ListRecorder

HOST = "127.77.3.1"
NAME = "hmc.test"
"""What clients may call it, too."""
CA = trustme.CA(key_type=trustme.KeyType.ECDSA)
CA_PEM = CA.cert_pem.bytes()
PEM = CA.private_key_pem.bytes() + CA_PEM
COMPLETE = {"status": "complete", "job-status-code": 200}


@dataclass
class Answer:
    """What a client got."""

    status: int
    body: bytes
    content_type: str


@dataclass
class World:
    """One trial through the proxy."""

    proxy: MitmProxy
    recorder: ListRecorder
    upstream: Upstream
    port: int
    client: aiohttp.ClientSession

    async def ask(self, path: str = "/api/cpcs", method: str = "GET", **more: str) -> Answer:
        """One request, over a connection of the client's pool."""
        url = f"https://{HOST}:{self.port}{path}"
        async with self.client.request(method, url, headers=more) as got:
            return Answer(got.status, await got.read(), got.headers.get("Content-Type", ""))

    async def touch_of(self, step: int, command: HttpCommand, path: str, method: str = "GET") -> tuple[Answer, str]:
        """Ask under a fault; returns the answer and the witness's words."""
        await self.proxy.begin(step, command)
        answer = await self.ask(path, method)
        await self.proxy.heal(step)
        await self.recorder.until(lambda: any(e.step == step for e in self.recorder.all(Touched)))
        return answer, next(e.what for e in self.recorder.all(Touched) if e.step == step)


@dataclass
class Upstream:
    """Answers everything with a job that is complete, and remembers who asked."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    """A request for ``/hang`` has come."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        self.connections.add(request.transport)
        if request.path == "/hang":
            self.hanging.set()
            await self.over.wait()
        if request.path == "/bad-gzip":
            return web.Response(body=b"{not gzip", headers={"Content-Encoding": "gzip"})
        return web.json_response(COMPLETE)


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    """The HMC of the tests."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(HOST, NAME).configure_cert(tls)
    hmc = Upstream()
    server = web.Server(hmc.handle)
    listener = await asyncio.get_running_loop().create_server(server, HOST, 0, ssl=tls)
    hmc.port = listener.sockets[0].getsockname()[1]
    try:
        yield hmc
    finally:
        hmc.over.set()
        listener.close()
        await server.shutdown(1)


@asynccontextmanager
async def proxy(crashes: list[str] | None = None) -> AsyncIterator[MitmProxy]:
    """mitmproxy, not attached."""
    told = crashes if crashes is not None else []
    made = await MitmProxy.start(ca_pem=PEM, upstream_ca_pem=CA_PEM, on_crash=told.append)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def attached(made: MitmProxy, hmc: Upstream, *, speed: float = 1.0) -> AsyncIterator[World]:
    """One trial; the test may detach by itself."""
    recorder = ListRecorder()
    port = await made.attach(recorder, listen_host=HOST, upstream=(HOST, hmc.port), known_as=NAME, speed=speed)
    tls = ssl.create_default_context()
    CA.configure_trust(tls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls, limit=4)) as client:
        try:
            yield World(made, recorder, hmc, port, client)
        finally:
            if made.alive:
                await made.detach()


@asynccontextmanager
async def world(crashes: list[str] | None = None, *, speed: float = 1.0) -> AsyncIterator[World]:
    """All of it."""
    async with upstream() as hmc, proxy(crashes) as made, attached(made, hmc, speed=speed) as it, asyncio.timeout(30):
        yield it

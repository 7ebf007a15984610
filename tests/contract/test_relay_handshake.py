"""Contract of the faults in the TLS handshake, with the TLS of Python's ssl on both sides."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trustme

from harness.core.commands import Command, Cut, CutHandshake, Direction, StallHandshake
from tests.contract.relay_world import DEADLINE_S, World, world

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
CA = trustme.CA()
HOST = "127.0.0.1"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Tls:
    """A relay before a TLS server that echoes."""

    world: World
    context: ssl.SSLContext
    clients: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self) -> Streams:
        """A client whose handshake is over."""
        reader, writer = await asyncio.open_connection(*self.world.relay.address, ssl=self.context)
        self.clients.append(writer)
        return reader, writer

    async def echo(self, streams: Streams, data: bytes = b"hello") -> None:
        """One exchange of application data."""
        reader, writer = streams
        writer.write(data)
        async with asyncio.timeout(DEADLINE_S):
            assert await reader.readexactly(len(data)) == data


class Echo(asyncio.Protocol):
    """The server's side of a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@asynccontextmanager
async def tls(version: ssl.TLSVersion) -> AsyncIterator[Tls]:
    """The world with TLS of one version."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(HOST).configure_cert(served)
    trusting = ssl.create_default_context()
    CA.configure_trust(trusting)
    trusting.minimum_version = trusting.maximum_version = version
    async with world() as w:
        made = Tls(w, trusting)

        server = await asyncio.get_running_loop().create_server(Echo, HOST, 0, ssl=served)
        w.relay.connect_to(*server.sockets[0].getsockname())
        try:
            yield made
        finally:
            for client in made.clients:
                client.transport.abort()
            await w.until("every connection is gone", lambda: not w.relay._connections)
            server.close()


versions = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@versions
@pytest.mark.parametrize(("direction", "after_bytes"), [(REQUEST, 0), (RESPONSE, 0), (REQUEST, 40), (RESPONSE, 40)])
def test_a_stalled_handshake_goes_on_after_the_healing(
    version: ssl.TLSVersion, direction: Direction, after_bytes: int
) -> None:
    async def story() -> None:
        async with tls(version) as t:
            before = await t.connect()
            await t.echo(before)
            await t.world.relay.begin(1, StallHandshake(direction=direction, after_bytes=after_bytes))
            connecting = asyncio.create_task(t.connect())
            await t.world.until("it is held", lambda: t.world.recorder.touches(1))
            await t.echo(before)
            assert not connecting.done()
            await t.world.relay.heal(1)
            async with asyncio.timeout(DEADLINE_S):
                await t.echo(await connecting)

    asyncio.run(story())


@versions
@pytest.mark.parametrize("how", Cut)
@pytest.mark.parametrize(("direction", "after_bytes"), [(REQUEST, 0), (RESPONSE, 0), (RESPONSE, 40)])
def test_a_handshake_is_cut_and_who_is_past_it_goes_on(
    version: ssl.TLSVersion, how: Cut, direction: Direction, after_bytes: int
) -> None:
    async def story() -> None:
        async with tls(version) as t:
            before = await t.connect()
            await t.echo(before)
            await t.world.relay.begin(1, CutHandshake(how=how, direction=direction, after_bytes=after_bytes))
            expected = ConnectionResetError if how is Cut.RST else (ConnectionError, ssl.SSLEOFError)
            with pytest.raises(expected):
                await t.connect()
            assert [touch.what for touch in t.world.recorder.touches(1)] == [
                f"cut with {how} after {after_bytes} bytes of the {direction}'s handshake: c2"
            ]
            assert t.world.recorder.ends()[0][0] == "fault"
            await t.echo(before)
            await t.world.relay.heal(1)
            await t.echo(await t.connect())

    asyncio.run(story())


@versions
def test_the_server_never_sees_a_hello_that_is_cut_and_has_answered_one_whose_answer_is(
    version: ssl.TLSVersion,
) -> None:
    async def story() -> None:
        for direction, seen in ((REQUEST, False), (RESPONSE, True)):
            async with tls(version) as t:
                await t.world.relay.begin(1, CutHandshake(how=Cut.RST, direction=direction))
                with pytest.raises(ConnectionResetError):
                    await t.connect()
                [(by, request, response)] = t.world.recorder.ends()
                assert (by, request > 0, response) == ("fault", seen, 0)

    asyncio.run(story())


@pytest.mark.parametrize(
    "command",
    [
        StallHandshake(direction=REQUEST),
        StallHandshake(direction=RESPONSE),
        CutHandshake(how=Cut.RST, direction=REQUEST),
        CutHandshake(how=Cut.FIN, direction=RESPONSE),
    ],
)
def test_what_is_no_tls_has_no_handshake(command: Command) -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, command)
            await w.exchange(*await w.pair())
            assert not w.recorder.touches(1)

    asyncio.run(story())

"""What mitmproxy's faults are on the wire itself: how a connection ends, behind the relay as an agent meets it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.core.commands import Cut, Framing, HttpCommand, LoseExchange, TruncateAnswer
from harness.core.events import Touched
from harness.core.patterns import RequestPattern
from harness.engines.relay import Relay
from tests.contract.mitm_world import HOST, World, world
from tests.contract.raw_client import WITHIN_S, trusting
from tests.contract.relay_world import WallClock
from tests.contract.wire import Wire, capture, may_look

__all__ = ["may_look"]

pytestmark = [pytest.mark.contract, pytest.mark.wire]

START = RequestPattern.parse("POST /api/partitions/*/operations/start")
PATH = "/api/partitions/1/operations/start"
FIN, RST = Cut.FIN, Cut.RST


def ask(port: int, wire: Wire) -> tuple[bytes, list[Cut]]:
    """A POST over a connection of its own; what comes until its end, and how that was on the wire.

    It is looked at before the client closes: what that brings is no more the fault's.
    """
    with (
        socket.create_connection((HOST, port), WITHIN_S) as plain,
        trusting().wrap_socket(plain, server_hostname=HOST) as sock,
    ):
        sock.sendall(f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        got = b""
        try:
            while piece := sock.recv(65536):
                got += piece
        except ConnectionResetError:  # Python 3.12 and older take it for an end
            pass
        return got, ends(wire)


def ends(wire: Wire) -> list[Cut]:
    """By which segments the one who listens has ended the connection."""
    return [RST if segment.is_rst else FIN for segment in wire.by_server() if segment.is_rst or segment.is_fin]


async def told(it: World) -> str:
    await it.recorder.until(lambda: bool(it.recorder.all(Touched)))
    return it.recorder.all(Touched)[0].what


@pytest.mark.parametrize(
    ("command", "how", "executed", "answered"),
    [
        (LoseExchange(match=START, executed=True), FIN, True, False),
        (LoseExchange(match=START, executed=True, how=RST), RST, True, False),
        (LoseExchange(match=START, executed=False), FIN, False, False),
        (LoseExchange(match=START, executed=False, how=RST), RST, False, False),
        (TruncateAnswer(match=START, framing=Framing.CONTENT_LENGTH), FIN, True, True),
        (TruncateAnswer(match=START, framing=Framing.CLOSE), FIN, True, True),
        (TruncateAnswer(match=START, framing=Framing.CHUNKED), FIN, True, True),
    ],
    ids=["lost answer", "lost answer, rst", "lost request", "lost request, rst", "truncated", "to close", "bad chunk"],
)
def test_a_connection_ends_as_it_is_said_and_the_post_was_or_was_not_executed(
    command: HttpCommand, how: Cut, executed: bool, answered: bool
) -> None:
    async def story() -> None:
        async with world() as it:
            relay = Relay(it.recorder, WallClock(), seed=1)
            try:
                await relay.listen(HOST, 0)
                relay.connect_to(HOST, it.port)
                await it.proxy.begin(1, command)
                with capture(it.port) as behind, capture(relay.address[1]) as in_front:
                    got, ended = await asyncio.to_thread(ask, relay.address[1], in_front)
                    assert ended == [how], "and in no other way"
                    assert ends(behind)[0] is how, "what follows it is the answer to what the relay does then"
                assert got.startswith(b"HTTP/1.1 200") is answered
                assert it.upstream.asked == ([f"POST {PATH}"] if executed else [])
                assert ("reset the connection" in await told(it)) is (how is RST)
            finally:
                await relay.close()

    asyncio.run(story())

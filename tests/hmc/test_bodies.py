"""Request bodies as they were before they were encoded, and what may be in them."""

import asyncio
import contextlib
import gzip
import zlib

import pytest
from aiohttp import web

from harness.hmc.bodies import parse, read_body, unpack
from harness.hmc.errors import HmcError, HmcGone
from harness.hmc.operations import REGISTRY

LIMIT = 1000
PACKED = gzip.compress(b'{"a": 1}', mtime=0)


@pytest.mark.parametrize(
    ("raw", "encoding"), [(b'{"a": 1}', ""), (b'{"a": 1}', "identity"), (PACKED, "gzip"), (PACKED, " GZIP ")]
)
def test_a_body_is_as_it_was_before_it_was_packed(raw: bytes, encoding: str) -> None:
    assert unpack(raw, encoding, LIMIT) == b'{"a": 1}'


def test_no_body_is_no_body_whatever_it_says_to_be() -> None:
    assert unpack(b"", "gzip", LIMIT) == b""


@pytest.mark.parametrize(
    ("raw", "encoding", "status"),
    [
        (b"no gzip", "gzip", 400),
        (PACKED[:-1], "gzip", 400),
        (PACKED + b"more", "gzip", 400),
        (gzip.compress(b" " * (LIMIT + 1), mtime=0), "gzip", 413),
        (zlib.compress(b"{}"), "deflate", 415),
        (PACKED, "gzip, gzip", 415),
    ],
)
def test_what_is_not_packed_as_it_says_or_is_too_much_is_refused(raw: bytes, encoding: str, status: int) -> None:
    with pytest.raises(HmcError) as caught:
        unpack(raw, encoding, LIMIT)
    assert caught.value.status == status


def parsed(raw: bytes) -> object:
    return parse(raw, "POST", "application/json", takes_file=False)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (rb'{"name": "a\ud800"}', 9),
        (rb'{"a": [{"\uDFFF": 1}]}', 9),
        (rb'{"name": "\udc00\ud800"}', 9),
        (b'{"name": "\xed\xa0\x80"}', 9),
        ('{"name": "\ud800"}'.encode("utf-16", "surrogatepass"), 9),
        (b'{"a": ' + b"9" * 5000 + b"}", 7),
        (b'{"a": ' + b"9" * 19 + b"}", 7),
        (b'{"a": [-9223372036854775809]}', 7),
        (b'{"a": 1e999}', 7),
        (b'{"a": -' + b"9" * 5000 + b".0}", 7),
        (b'{"a": NaN}', 9),
    ],
)
def test_what_no_field_can_be_is_refused(raw: bytes, reason: int) -> None:
    with pytest.raises(HmcError) as caught:
        parsed(raw)
    assert (caught.value.status, caught.value.reason) == (400, reason)
    assert len(caught.value.message) < 300


def test_what_a_field_can_be_is_read_as_it_is() -> None:
    whole = (
        rb'{"name": "\ud83d\ude00 \\ud800", "largest": 9223372036854775807, "least": -9223372036854775808, "f": 1e300}'
    )
    assert parsed(whole) == {"name": "😀 \\ud800", "largest": 2**63 - 1, "least": -(2**63), "f": 1e300}


HEAD = b"POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"


def test_a_client_that_goes_away_before_it_is_told_to_go_on_is_gone() -> None:
    async def raised() -> BaseException:
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        outcome: asyncio.Future[BaseException] = loop.create_future()

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            came.set()
            with contextlib.suppress(ConnectionError):
                await request.content.read()  # until the client is gone
            try:
                await read_body(request, REGISTRY.find("POST", "/api/sessions"), None)
            except Exception as error:  # noqa: BLE001 - looked at below
                outcome.set_result(error)
            return web.Response()

        server = web.Server(handle)
        listening = await loop.create_server(server, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(HEAD)
        await came.wait()
        writer.transport.abort()
        try:
            async with asyncio.timeout(10):
                return await outcome
        finally:
            listening.close()
            await server.shutdown()

    assert isinstance(asyncio.run(raised()), HmcGone)

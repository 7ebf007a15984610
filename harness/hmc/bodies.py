"""Reads request bodies, bounded, and refuses them as the API book's common request validation does."""

from __future__ import annotations

import asyncio
import json
import math
import re
import zlib
from collections.abc import Iterable

from aiohttp import HttpVersion11, web

from harness.hmc.errors import HmcError, HmcGone
from harness.hmc.operations import AnyOperation

DEEPEST = 50
"""Levels of a body; ours, so that whatever walks through one needs no thought about Python's stack."""

LARGEST = 2**63 - 1
"""Of integers in a body: the API has none of more than 64 bits."""

_HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
"""Of a surrogate pair, as JSON escapes it; the other half may follow."""
_GONE = "The client went away before it had said all."
_NOT_AS_SAID = "The request body is not encoded as its head says."


async def read_body(
    request: web.BaseRequest, operation: AnyOperation, within_s: float | None
) -> tuple[object, HmcError | None]:
    """The body (an object, bytes of a file, or None), or why it is refused: whose session it is comes first.

    It is waited for that long, or for ever.

    Raises:
        HmcGone: nobody is there any more who could be answered.
    """
    try:
        await _continue(request)
        raw = await _read(request, operation.body_limit_bytes, within_s) if request.body_exists else b""
        raw = unpack(raw, request.headers.get("Content-Encoding", ""), operation.body_limit_bytes)
        return parse(raw, request.method, request.headers.get("Content-Type"), operation.takes_file), None
    except HmcError as error:
        return None, error


async def _continue(request: web.BaseRequest) -> None:
    """Let a client send its body that waits to be told so. aiohttp leaves that to its applications."""
    expected = request.headers.get("Expect")
    if expected is None or request.version < HttpVersion11:
        return
    if expected.strip().lower() != "100-continue":
        raise HmcError(417, 1, f"The expectation {expected} cannot be met; only 100-continue can.")
    if request.body_exists and not request.content.is_eof():
        try:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        except ConnectionError as error:
            raise HmcGone(_GONE) from error
        request.writer.output_size = 0  # the answer itself has not begun


async def _read(request: web.BaseRequest, limit_bytes: int, within_s: float | None) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(within_s):
            async for piece in request.content.iter_any():
                size += len(piece)
                if size > limit_bytes:
                    raise _too_large(limit_bytes)
                pieces.append(piece)
    except TimeoutError as error:
        raise HmcError(408, 1, f"The request body was not there within {within_s:g} seconds.") from error
    except ConnectionError as error:
        raise HmcGone(_GONE) from error
    except web.RequestPayloadError as error:
        raise HmcError(400, 1, _NOT_AS_SAID) from error
    return b"".join(pieces)


def unpack(raw: bytes, encoding: str, limit_bytes: int) -> bytes:
    """A body as it was before its Content-Encoding. No more is unpacked than may be in it.

    Raises:
        HmcError: 400,1 it is not encoded so; 413 it is larger than that; 415 another encoding than gzip.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return raw
        case "gzip":
            return _gunzip(raw, limit_bytes) if raw else raw
        case _:
            raise HmcError(415, 1, f"The Content-Encoding {encoding} is not supported; send gzip, or none.")


def _gunzip(raw: bytes, limit_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)  # 16: with the head of gzip
    try:
        body = unpacker.decompress(raw, limit_bytes + 1)
    except zlib.error as error:
        raise HmcError(400, 1, _NOT_AS_SAID) from error
    if len(body) > limit_bytes:
        raise _too_large(limit_bytes)
    if not unpacker.eof or unpacker.unused_data:
        raise HmcError(400, 1, _NOT_AS_SAID)
    return body


def _too_large(limit_bytes: int) -> HmcError:
    return HmcError(413, 1, f"The request body is larger than {limit_bytes} bytes.")


def parse(raw: bytes, method: str, content_type: str | None, takes_file: bool) -> object:
    """The object in a request body.

    Raises:
        HmcError: 400,2 no Content-Type; 400,4 a body where none is expected; 400,7 no object, or a number that no
            field can have; 400,9 no JSON, or no text; 415.
    """
    if not raw:
        return b"" if takes_file else None
    if method != "POST":
        raise HmcError(400, 4, f"A request body was specified, but {method} takes none.")
    if takes_file:
        return raw
    if content_type is None:
        raise HmcError(400, 2, "The request has a body, but no Content-Type header.")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HmcError(415, 1, f"The Content-Type {content_type} is not supported; send application/json.")
    try:
        body = _loads(raw.decode(json.detect_encoding(raw)))
    except (ValueError, RecursionError) as error:  # a document can be nested deeper than Python's stack
        raise HmcError(400, 9, f"The request body is not a well-formed JSON document: {error}") from error
    if _is_deeper(body, DEEPEST):
        raise HmcError(400, 9, f"The request body is nested deeper than {DEEPEST} levels.")
    if not isinstance(body, dict):
        raise HmcError(400, 7, "The request body is not a JSON object.")
    return body


def _loads(text: str) -> object:
    body = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_float)
    if _HALF_A_PAIR.search(text):
        json.dumps(body, ensure_ascii=False).encode()  # half a pair is a ValueError, which says where it is
    return body


def _integer(text: str) -> int:
    if len(text) > len(f"-{LARGEST}") or not -LARGEST - 1 <= (value := int(text)) <= LARGEST:
        raise _out_of_range(text)
    return value


def _float(text: str) -> float:
    if math.isinf(value := float(text)):
        raise _out_of_range(text)
    return value


def _out_of_range(text: str) -> HmcError:
    return HmcError(400, 7, f"The request body has a number that is out of range: {text[:40]}")


def _is_deeper(value: object, levels: int) -> bool:
    layer: list[object] = [value]
    for _ in range(levels):
        layer = [item for outer in layer for item in _inside(outer)]
    return any(isinstance(item, (dict, list)) for item in layer)


def _inside(value: object) -> Iterable[object]:
    """What is in an array or object: for anything else, nothing."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON")

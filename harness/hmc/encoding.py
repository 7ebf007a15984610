"""An answer's body as bytes: what `json.dumps` and gzip make of it, in steps where it is large."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator, Iterable
from typing import Any

from harness.hmc.operations.operation import Steps

LONG = 50
"""Items of an array that are encoded at once."""

BLOCK_BYTES = 128 * 1024
"""What is compressed, or sent, at once."""

_HEAD_OF_GZIP = 16 + zlib.MAX_WBITS


def as_bytes(body: object) -> bytes | Steps[bytes]:
    """The body as JSON, or, if it is text, as it is; what has a long array in it, in steps.

    An array's items are encoded as they are at that moment.
    """
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    return _in_steps(body) if _has_long(body) else json.dumps(body).encode()


def _in_steps(body: object) -> Steps[bytes]:
    pieces = []
    for piece in _pieces(body):
        pieces.append(piece.encode())
        yield
    return b"".join(pieces)


def packed(data: bytes) -> Steps[bytes]:
    """The same with gzip: the same bytes for the same data at any time, on any machine."""
    packer = zlib.compressobj(level=1, wbits=_HEAD_OF_GZIP)
    pieces = []
    for block in blocks(data):
        pieces.append(packer.compress(block))
        yield
    return b"".join([*pieces, packer.flush()])


def blocks(data: bytes) -> Iterable[memoryview]:
    """The data, in blocks that are small enough for one turn."""
    whole = memoryview(data)
    return (whole[begin : begin + BLOCK_BYTES] for begin in range(0, len(data), BLOCK_BYTES))


def _has_long(value: object) -> bool:
    """Asked of every answer, so it is written to be fast."""
    if type(value) is list:
        if len(value) > LONG:
            return True
    elif type(value) is dict:
        value = value.values()
    else:
        return False
    for item in value:
        kind = type(item)
        if (kind is dict or kind is list) and _has_long(item):
            return True
    return False


def _pieces(value: Any) -> Generator[str, None, None]:
    """What `json.dumps` writes, a piece at a time. Keys are texts: it is what came as JSON, or is to go as JSON."""
    if isinstance(value, list):
        yield from _array(value)
    elif _has_long(value):
        comma = "{"
        for key, item in value.items():
            yield f"{comma}{json.dumps(key)}: "
            yield from _pieces(item)
            comma = ", "
        yield "}"
    else:
        yield json.dumps(value)


def _array(items: list[Any]) -> Generator[str, None, None]:
    few: list[Any] = []
    comma = "["
    for item in items:
        if _has_long(item):
            if few:
                yield comma + json.dumps(few)[1:-1]
                few, comma = [], ", "
            yield comma
            yield from _pieces(item)
            comma = ", "
        else:
            few.append(item)
            if len(few) >= LONG:
                yield comma + json.dumps(few)[1:-1]
                few, comma = [], ", "
    if few or comma == "[":
        yield comma + json.dumps(few)[1:-1]
    yield "]"

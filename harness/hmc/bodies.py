"""Reads request bodies, bounded, and refuses them as the API book's common request validation does."""

from __future__ import annotations

import json

from aiohttp import web

from harness.hmc.errors import HmcError
from harness.hmc.operations import AnyOperation


async def read_body(request: web.BaseRequest, operation: AnyOperation) -> tuple[object, HmcError | None]:
    """The body (an object, bytes of a file, or None), or why it is refused: whose session it is comes first."""
    try:
        raw = await _read(request, operation.body_limit_bytes)
        return parse(raw, request.method, request.headers.get("Content-Type"), operation.takes_file), None
    except HmcError as error:
        return None, error


async def _read(request: web.BaseRequest, limit_bytes: int) -> bytes:
    if not request.body_exists:
        return b""
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.content.iter_any():
            size += len(piece)
            if size > limit_bytes:
                raise HmcError(413, 1, f"The request body is larger than {limit_bytes} bytes.")
            pieces.append(piece)
    except web.RequestPayloadError as error:
        raise HmcError(400, 1, "The request body is not encoded as its head says.") from error
    return b"".join(pieces)


def parse(raw: bytes, method: str, content_type: str | None, takes_file: bool) -> object:
    """The object in a request body.

    Raises:
        HmcError: 400,2 no Content-Type; 400,4 a body where none is expected; 400,7 no object; 400,9 no JSON; 415.
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
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # a document can be nested deeper than Python's stack
        raise HmcError(400, 9, f"The request body is not a well-formed JSON document: {error}") from error
    if not isinstance(body, dict):
        raise HmcError(400, 7, "The request body is not a JSON object.")
    return body


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON")

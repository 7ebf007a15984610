"""What agents send and what refused requests are answered: JSON bodies, checked once at the edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web

T = TypeVar("T")
Body = Mapping[str, object]
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}")


class Refused(Exception):
    """A request gets an error answer in Neutron's form: status, kind (Neutron's exception name) and message."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


def bad(message: str) -> Refused:
    """What somebody sent is wrong."""
    return Refused(400, "BadRequest", message)


def neutron_error(status: int, kind: str, message: str) -> web.Response:
    """An error answer in Neutron's form."""
    return web.json_response({"NeutronError": {"type": kind, "message": message, "detail": ""}}, status=status)


async def read_body(request: web.Request) -> Body:
    """The JSON object that was sent.

    Raises:
        Refused: it is none.
    """
    try:
        body = await request.json()
    except ValueError as error:
        raise bad(f"{request.path}: the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise bad(f"{request.path}: the body is not a JSON object")
    return body


def member(body: Body, name: str, kind: type[T]) -> T:
    """A member that has to be there.

    Raises:
        Refused: it is missing or of another type.
    """
    value = body.get(name)
    if not isinstance(value, kind):
        raise bad(f"{name!r} has to be there and to be of type {kind.__name__}, not {value!r}")
    return value


def text(body: Body, name: str) -> str:
    """A text that has to be there and not to be empty.

    Raises:
        Refused: it is missing, empty or no text.
    """
    value = member(body, name, str)
    if not value:
        raise bad(f"{name!r} is empty")
    return value


def macs(body: Body, name: str) -> list[str]:
    """A list of MAC addresses, which are the names of a DPM agent's devices.

    Raises:
        Refused: it is missing, or an item is no MAC address.
    """
    values: list[object] = member(body, name, list)
    found = [value for value in values if isinstance(value, str) and _MAC.fullmatch(value)]
    if len(found) != len(values):
        wrong = next(value for value in values if value not in found)
        raise bad(f"{name!r}: {wrong!r} is no MAC address such as fa:16:3e:00:00:01")
    return found

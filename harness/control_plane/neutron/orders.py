"""Orders to a keeper, over a socket in its Neutron's folder, given by any process of a run."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from harness.errors import EngineFailed, HarnessError

SOCKET = "orders"
"""In a folder that only this user can look into."""

ASKS = "which"
"""The one order that changes nothing: it is answered at once, also while another one is carried out."""

OBEY_S = 180.0
"""An order may have to end Neutron (5 s) and wait for the start of RabbitMQ (60 s) and of Neutron (90 s)."""

CarryOut = Callable[[str, Any], Awaitable[Any]]
"""Does what an order says, with what belongs to it; returns the answer.

Raises:
    HarnessError: it cannot be done; says why.
"""


async def give(folder: str, order: str, body: Any = None) -> Any:
    """Give an order to the keeper of the Neutron in this folder; returns its answer when it is carried out.

    Raises:
        EngineFailed: there is no keeper any more, or it could not carry it out; says why.
    """
    try:
        async with asyncio.timeout(OBEY_S):
            reader, writer = await asyncio.open_unix_connection(Path(folder, SOCKET))
            async with closing(writer):
                writer.write(_line({"order": order, "body": body}))
                line = await reader.readline()
    except (OSError, TimeoutError) as error:
        why = str(error) or f"no answer in {OBEY_S:g} s"
        raise EngineFailed(f"the keeper of Neutron did not carry out {order!r}: {why}") from error
    answer = json.loads(line) if line else {"error": "it ended"}
    if "error" in answer:
        raise EngineFailed(f"the keeper of Neutron could not carry out {order!r}: {answer['error']}")
    return answer["done"]


async def is_kept(folder: str) -> bool:
    """Whether the Neutron in this folder has a keeper yet: one that has ended took it with it."""
    try:
        await give(folder, ASKS)
    except EngineFailed:
        return False
    return True


@asynccontextmanager
async def taken(folder: Path, carry_out: CarryOut) -> AsyncIterator[None]:
    """Take orders meanwhile, one after the other.

    Raises:
        EngineFailed: no socket can be made there.
    """
    turn = asyncio.Lock()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with closing(writer):
            if line := await reader.readline():
                said = json.loads(line)
                async with contextlib.nullcontext() if said["order"] == ASKS else turn:
                    writer.write(_line(await _answer(carry_out, str(said["order"]), said["body"])))

    def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    try:
        server = await asyncio.start_unix_server(welcome, folder / SOCKET)
    except OSError as error:
        raise EngineFailed(f"{folder}: no socket can be made here: {error}; try a shorter TMPDIR") from error
    try:
        yield
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close it afterwards; the other side may have gone already."""
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _answer(carry_out: CarryOut, order: str, body: Any) -> dict[str, Any]:
    try:
        return {"done": await carry_out(order, body)}
    except HarnessError as error:
        return {"error": str(error)}


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"

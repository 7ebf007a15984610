"""Several lanes that share one queue of cases."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import TypeVar

T = TypeVar("T")


async def in_lanes(number: int, waiting: Iterator[int], lane: Callable[[], Coroutine[object, object, T]]) -> list[T]:
    """Run so many lanes to their end, each of which takes from `waiting`; returns what each says.

    Where one fails, nobody takes another case, but each ends by itself what it has in hand. No TaskGroup: that calls
    the others off, also one that is just about to clear up.

    Raises:
        Exception: what the first lane that failed has died of.
    """

    async def one() -> T:
        try:
            return await lane()
        except BaseException:
            deque(waiting, maxlen=0)
            raise

    done = await asyncio.gather(*(one() for _ in range(number)), return_exceptions=True)
    for result in done:
        if isinstance(result, BaseException):
            raise result
    return [result for result in done if not isinstance(result, BaseException)]

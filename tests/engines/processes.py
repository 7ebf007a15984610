"""Whether processes are gone, seen from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import psutil


def is_gone(pid: int) -> bool:
    """No such process, or one that has ended and waits for its parent to notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def until_gone(pids: Iterable[int], *, within_s: float) -> None:
    """Look until all are gone: the kernel tells only a parent of a process's end."""
    async with asyncio.timeout(within_s):
        for pid in pids:
            while not is_gone(pid):  # noqa: ASYNC110 - a process that is not our child sets no event of ours
                await asyncio.sleep(0.01)

"""How a run ends before its time: SIGTERM clears up, and a worker does not outlive its parent."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from typing import Any

from harness.assembly.trial import Result

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


async def until_terminated(trial: Coroutine[Any, Any, Result]) -> Result:
    """SIGTERM clears up as Ctrl-C does, also in a shell's background, where SIGINT is ignored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await trial
    except asyncio.CancelledError:
        if terminated:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@contextlib.contextmanager
def former_handler(number: signal.Signals) -> Iterator[None]:
    """Afterwards the signal has its former meaning again."""
    before = signal.getsignal(number)
    try:
        yield
    finally:
        signal.signal(number, before)


def die_with_parent() -> None:
    """An xdist worker whose controller was killed would play on for up to a quarter of a minute."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

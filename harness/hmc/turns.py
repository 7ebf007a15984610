"""Long work in the HMC's loop, in turns with what others want of it."""

from __future__ import annotations

import asyncio
import time

from harness.hmc.operations.operation import Steps, T

TURN_S = 0.001
"""How long a piece of work goes on before others have their turn. One request takes several."""


async def in_turns(steps: Steps[T]) -> T:
    """The result of all steps. What is done in less than a turn waits for nobody."""
    try:
        next(steps)  # most have none, and no need of a clock
        ends_s = time.perf_counter() + TURN_S
        while True:
            next(steps)
            if time.perf_counter() >= ends_s:
                await asyncio.sleep(0)
                ends_s = time.perf_counter() + TURN_S
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()

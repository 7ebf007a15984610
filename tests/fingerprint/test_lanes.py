"""Lanes share one queue; one that fails stops the queue, and disturbs nobody who clears up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from harness.fingerprint.lanes import in_lanes


def test_each_number_is_taken_once() -> None:
    waiting, taken = iter(range(10)), []

    async def lane() -> str:
        for number in waiting:
            taken.append(number)
            await asyncio.sleep(0)
        return "done"

    assert asyncio.run(in_lanes(3, waiting, lane)) == ["done"] * 3
    assert sorted(taken) == list(range(10))


def test_who_fails_ends_the_queue_and_the_others_clear_up_undisturbed() -> None:
    """All fail at the same moment, and each has something to do on its way out."""
    waiting, cleared = iter(range(100)), []

    async def lane() -> None:
        number = next(waiting)
        try:
            await asyncio.sleep(0)
            raise ValueError(f"lane {number}")
        finally:
            for _ in range(number):
                await asyncio.sleep(0)
            cleared.append(number)

    with pytest.raises(ValueError, match="lane 0"):
        asyncio.run(in_lanes(4, waiting, lane))
    assert sorted(cleared) == [0, 1, 2, 3]
    assert exhausted(waiting)


def test_calling_it_off_lets_each_lane_clear_up() -> None:
    cleared = []

    async def lane() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleared.append(1)

    async def story() -> None:
        work = asyncio.create_task(in_lanes(3, iter(()), lane))
        await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.wait({work})
        assert work.cancelled()

    asyncio.run(story())
    assert cleared == [1, 1, 1]


def exhausted(numbers: Iterator[int]) -> bool:
    return next(numbers, None) is None

"""A recorder for tests of engines: keeps the events in a list, and lets a test wait for one."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from typing import TypeVar

from harness.core.events import Event

E = TypeVar("E", bound=Event)


class ListRecorder:
    """Stamps events with wall seconds since it was made."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._secrets: dict[str, str] = {}
        self._began = time.monotonic()
        self._news = asyncio.Event()

    def record(self, event: Event) -> None:
        self.events.append(dataclasses.replace(event, t=self.now()))
        self._news.set()

    def now(self) -> float:
        return time.monotonic() - self._began

    def hide(self, secret: str, name: str) -> None:
        self._secrets[secret] = f"<secret:{name}>"

    def redact(self, text: str) -> str:
        for secret, mark in self._secrets.items():
            text = text.replace(secret, mark)
        return text

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, held: Callable[[], bool], within_s: float = 10.0) -> None:
        """Wait until something holds that only a new event can make true."""
        async with asyncio.timeout(within_s):
            while not held():
                self._news.clear()
                await self._news.wait()

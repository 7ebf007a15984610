"""A clock that is set by hand and a recorder that keeps what it is given."""

from __future__ import annotations

from harness.core.events import Event


class HandClock:
    """Time passes when told to."""

    def __init__(self) -> None:
        self.t = 1000.0

    def now(self) -> float:
        return self.t

    async def sleep(self, seconds: float) -> None:
        self.t += seconds


class ListRecorder:
    """Keeps events in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        self.events.append(event)

    def now(self) -> float:
        return 0.0

    def hide(self, secret: str, name: str) -> None:
        raise AssertionError(f"the control plane has no secrets, not {name} of {len(secret)} characters either")

    def redact(self, text: str) -> str:
        return text

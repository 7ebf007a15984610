"""What the core asks of the outside world, as protocols: it names no concrete engine, check or clock."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from harness.core.commands import Command
from harness.core.events import Event


class Clock(Protocol):
    """Seconds of the agent's time; handed in, so that a scenario can run faster than the wall."""

    def now(self) -> float:
        """Monotonic seconds since an arbitrary moment."""
        ...

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Wait so many seconds of this clock; awaitable, and fit to be made a task of."""
        ...


class Recorder(Protocol):
    """Takes what happened. The recorder stamps the time, so that all events share one clock."""

    def record(self, event: Event) -> None:
        """Add an event to the trial's history."""
        ...

    def now(self) -> float:
        """Seconds since the trial began, on the trial's clock."""
        ...

    def hide(self, secret: str, name: str) -> None:
        """Replace this text by ``<secret:name>`` wherever it would be recorded from now on."""
        ...

    def redact(self, text: str) -> str:
        """The text with every secret that it holds replaced, for what is written elsewhere."""
        ...


class ControlPlane(Protocol):
    """Where an agent's heartbeats and port states arrive, as the harness prepares it for a trial."""

    async def add_port(self, *, name: str, mac: str, host: str) -> None:
        """Create a port, DOWN, bound to this agent's host. The same port again changes nothing."""
        ...


class Engine(Protocol):
    """Carries out commands. A step is the name under which a fault lives until it is healed."""

    async def begin(self, step: int, command: Command) -> None:
        """Start to carry out a command; returns when the fault is in force.

        Raises:
            EngineFailed: it could not; nothing is left behind.
        """
        ...

    async def heal(self, step: int) -> None:
        """Undo what `begin` did for this step. Healing what never began is no error.

        Raises:
            EngineFailed: something may be left behind; the text says what.
        """
        ...

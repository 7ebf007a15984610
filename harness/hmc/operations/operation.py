"""What an operation is: a method, a path template, and what it does to the HMC."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from harness.hmc.changes import at_console
from harness.hmc.clock import Clock
from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.jobs import Jobs
from harness.hmc.logs import Logs
from harness.hmc.metrics import end_contexts
from harness.hmc.model import Model
from harness.hmc.os_messages import OsMessages
from harness.hmc.sessions import Session, Sessions
from harness.hmc.settings import HmcSettings
from harness.hmc.unknown import Unknown

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that takes long, and its result: wherever it yields, other requests may have their turn."""

BODY_LIMIT_BYTES = 1024 * 1024
"""A real HMC has limits an operation; one for all is enough to bound what we read."""


@dataclass(frozen=True, slots=True)
class Console:
    """What there is in the HMC for an operation to work on."""

    model: Model
    sessions: Sessions
    jobs: Jobs
    settings: HmcSettings
    clock: Clock = field(default_factory=Clock)
    go_away: Callable[[float | None], None] = lambda seconds: None  # noqa: ARG005 - the form of what is called
    """Called when the console is to restart: nobody can reach it for so many seconds; None until it is restarted."""
    unknown: Unknown = field(default_factory=Unknown)
    number: int = 1
    """Which one it is of the consoles of the same CPCs."""
    logs: Logs = field(init=False)
    os_messages: OsMessages = field(init=False)

    def __post_init__(self) -> None:
        tell = at_console(self.number, self.model.journal.tell)
        object.__setattr__(self, "logs", Logs(self.clock, tell))
        object.__setattr__(self, "os_messages", OsMessages(self.clock, tell, self.model.new_number))

    def forget(self, session: Session) -> None:
        """A session has ended: what was only its own goes with it."""
        self.os_messages.close_channels(session.id)
        with self.model.transaction():
            end_contexts(self.model.hmc, session.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the HMC's API. `run` and `steps` raise HmcError where the HMC refuses."""

    method: str
    path: str
    """Template; a ``*`` stands for one segment."""
    run: Callable[[Console, Call, Session], Answer]
    steps: Callable[[Console, Call, Session], Steps[Answer]] | None = None
    """The same in steps, where there is much to do (`in_steps`)."""
    takes_file: bool = False
    """The body is not JSON."""
    body_limit_bytes: int = BODY_LIMIT_BYTES
    is_job: bool = False
    """It answers with a job."""

    @classmethod
    def in_steps(cls, method: str, path: str, steps: Callable[[Console, Call, Session], Steps[Answer]]) -> Operation:
        """One that takes long. It is no transaction: others change things between two of its steps."""
        return cls(method=method, path=path, run=lambda *arguments: at_once(steps(*arguments)), steps=steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOperation:
    """An operation for which nobody has to be logged on."""

    method: str
    path: str
    run: Callable[[Console, Call], Answer]
    takes_file: bool = False
    body_limit_bytes: int = BODY_LIMIT_BYTES
    is_job: bool = False


def at_once(steps: Steps[T]) -> T:
    """The result of all steps, with nothing between them."""
    with closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result


def text_field(call: Call, name: str) -> str:
    """A required text of the request body.

    Raises:
        HmcError: 400,3 no body; 400,5 it is missing; 400,7 it is no text.
    """
    if not isinstance(call.body, dict):
        raise HmcError(400, 3, "Missing request body")
    if name not in call.body:
        raise HmcError(400, 5, f"Missing required field in request body: {name}")
    value = call.body[name]
    if not isinstance(value, str):
        raise HmcError(400, 7, f"The field {name} of the request body is not a string.")
    return value

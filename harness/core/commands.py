"""What engines are told to do: plain values that a fault yields and an engine carries out.

A command says nothing of how. Which engine carries which command stands in the vocabulary (`vocabulary.py`), so
that a scenario that asks an engine for what it cannot do is refused when it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.core.patterns import RequestPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Base of all commands."""


class Existing(StrEnum):
    """What becomes of the connections that are open when a fault of the listener begins."""

    RESET = "reset"
    CLOSE = "close"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnections(Command):
    """New connections get ECONNREFUSED at once (the listener does not listen)."""

    existing: Existing = Existing.RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackhole(Command):
    """The kernel drops each packet: a SYN is never answered, open connections fall silent without a FIN or RST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang(Command):
    """Connections are accepted and bytes are taken, but nothing is passed on until the healing releases it."""


class Cut(StrEnum):
    """How a connection is ended."""

    RST = "rst"
    FIN = "fin"


class Direction(StrEnum):
    """Which way bytes go: request is client to server, response is server to client."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutConnection(Command):
    """Ends a connection once so many bytes have gone one way since the client last began to speak.

    With `Direction.REQUEST` and 0 bytes the server never sees the request; with `Direction.RESPONSE` and 0 bytes
    the server has carried it out, but the client hears nothing. An idle connection is cut when it is next used,
    because a client's connection pool silently replaces one that dies unused.
    """

    how: Cut
    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Command):
    """Each piece of data is handed on so many seconds late, in order; jitter is drawn evenly from +-jitter_s."""

    direction: Direction
    delay_s: float
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle(Command):
    """Data is handed on at this rate. `chunk_bytes` 1 is a drip; larger ones are a narrow line."""

    direction: Direction
    bytes_per_s: float
    chunk_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCommand(Command):
    """Base of commands that need to see HTTP; they reach the requests that match."""

    match: RequestPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeJobs(HttpCommand):
    """Answers about a job say `running`, whatever the HMC says; the job can be neither cancelled nor deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWithError(HttpCommand):
    """The HMC is not asked; the client gets this status with an error body in the HMC's form."""

    status: int
    reason: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakJson(HttpCommand):
    """The HMC's answer reaches the client with its last half missing: valid HTTP, broken JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeContentType(HttpCommand):
    """The HMC's answer carries another Content-Type."""

    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayRequest(HttpCommand):
    """The request waits before it is passed to the HMC."""

    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HmcCommand(Command):
    """Base of changes made to the HMC behind the client's back. They are facts, not faults: nothing heals them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNic(HmcCommand):
    """A NIC is deleted by somebody else."""

    partition: str
    nic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNic(HmcCommand):
    """A NIC is created by somebody else, and its Neutron port exists by then."""

    partition: str
    nic: str
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSessions(HmcCommand):
    """The HMC forgets every session: the next request of each client gets 403,5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBystander(Command):
    """Another program uses the HMC at the same time, as a user of its own; ended at the latest with the trial."""

    profile: str

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


class Channel(StrEnum):
    """Which connections: those to the HMC's API, to its notifications, to both, or to a real Neutron's message bus."""

    API = "api"
    NOTIFICATIONS = "notifications"
    BOTH = "both"
    BUS = "bus"


class Address(StrEnum):
    """Which HMC of a pair: the first one, the alternate (another console of the same CPCs), or both."""

    FIRST = "first"
    ALTERNATE = "alternate"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCommand(Command):
    """Base of commands that need no more than TCP; they reach the connections of a channel, at an address."""

    channel: Channel = Channel.API
    address: Address = Address.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCommand(ConnectionCommand):
    """Base of commands about what goes through connections; they reach every one of the channel, or one alone.

    Who knocks has no connection yet: commands about the door reach all who come.
    """

    connection: int | None = None
    """Which one, from 1, counted when it begins: those open then, the oldest first, then new ones. None: all."""


class Existing(StrEnum):
    """What becomes of the connections that are open when a fault of the listener begins."""

    RESET = "reset"
    CLOSE = "close"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConnections(ConnectionCommand):
    """New connections get ECONNREFUSED at once (the listener does not listen)."""

    existing: Existing = Existing.RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackhole(ConnectionCommand):
    """The kernel drops each packet: a SYN is never answered, open connections fall silent without a FIN or RST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang(StreamCommand):
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
class CutConnection(StreamCommand):
    """Ends a connection once so many bytes have gone one way since the client last began to speak.

    With `Direction.REQUEST` and 0 bytes the server never sees the request; with `Direction.RESPONSE` and 0 bytes
    the server has carried it out, but the client hears nothing. An idle connection is cut when it is next used,
    because a client's connection pool silently replaces one that dies unused.
    """

    how: Cut
    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOnAccept(ConnectionCommand):
    """New clients are accepted, and their connections ended at once; open ones stay."""

    how: Cut = Cut.FIN


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAfter(ConnectionCommand):
    """So many more clients are accepted; after them new ones get ECONNREFUSED. Open connections stay."""

    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flap(ConnectionCommand):
    """The listener goes down (ECONNREFUSED) and comes up by turns, down first."""

    down_s: float
    up_s: float
    existing: Existing = Existing.RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetConnections(StreamCommand):
    """The connections that are open when it begins are reset when they are next used; new ones are well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(StreamCommand):
    """So many bytes of each turn go one way (see `CutConnection`); what follows is held until the healing."""

    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StallHandshake(StreamCommand):
    """So many bytes of a TLS handshake go one way; what follows is held. Who is past that point is left alone."""

    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CutHandshake(StreamCommand):
    """The connection ends once so many bytes of its TLS handshake went one way; other connections are left alone."""

    how: Cut
    direction: Direction
    after_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayFirstByte(StreamCommand):
    """What a side says first in its turn is handed on so late, and all else in order behind it."""

    direction: Direction
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(StreamCommand):
    """Each piece of data is handed on so many seconds late, in order; jitter is drawn evenly from +-jitter_s."""

    direction: Direction
    delay_s: float
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle(StreamCommand):
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

    for_s: float | None = None
    """Each job thaws so long after it was first asked for; None: never."""


class JobEnd(StrEnum):
    """How a job ends that went well on the HMC, as its client is told."""

    CANCELED = "canceled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MisreportJobs(HttpCommand):
    """A job that is complete is told to have been canceled, or to have failed with these codes."""

    end: JobEnd
    status: int = 0
    reason: int = 0
    message: str = ""


class JobField(StrEnum):
    """What the HMC says of a job: the first when it is started, the others when it is asked for."""

    JOB_URI = "job-uri"
    STATUS = "status"
    JOB_STATUS_CODE = "job-status-code"
    JOB_REASON_CODE = "job-reason-code"
    JOB_RESULTS = "job-results"


@dataclass(frozen=True, slots=True, kw_only=True)
class OmitFromJobs(HttpCommand):
    """What the HMC says of a job lacks a field."""

    field: JobField


@dataclass(frozen=True, slots=True, kw_only=True)
class PretendJobs(HttpCommand):
    """Operations that match are taken for a job that completes at once and well, but the HMC is never asked."""


class ErrorBody(StrEnum):
    """What comes with an error status: the HMC's JSON, a web server's page, or nothing."""

    HMC = "hmc"
    HTML = "html"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWithError(HttpCommand):
    """The HMC is not asked; the client gets this status with such a body."""

    status: int
    reason: int
    message: str
    body: ErrorBody = ErrorBody.HMC
    retry_after_s: float | None = None
    """For a Retry-After header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseSessions(HttpCommand):
    """Requests within a session are answered with 403,5, as if the HMC did not know it."""

    logon: bool
    """Logons are answered so as well."""


class Spoil(StrEnum):
    """What is wrong with the body of an answer whose head is in order."""

    JSON_TYPE = "json_type"
    UTF8 = "utf8"
    GZIP = "gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoilBody(HttpCommand):
    """The HMC's answer keeps its length and form, but its content is of no use."""

    how: Spoil


class AnswerPart(StrEnum):
    """A part of an answer."""

    HEADERS = "headers"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnlargeAnswer(HttpCommand):
    """The HMC's answer means the same, and is larger by so much."""

    part: AnswerPart
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DripAnswer(HttpCommand):
    """A part of the HMC's answer is sent at this rate, each byte in a TLS record of its own."""

    part: AnswerPart
    bytes_per_s: float


class Framing(StrEnum):
    """How an answer says where it ends."""

    CONTENT_LENGTH = "content_length"
    CLOSE = "close"
    CHUNKED = "chunked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateAnswer(HttpCommand):
    """Half of the HMC's answer arrives, then the connection is closed; chunks end in something that is none."""

    framing: Framing


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseExchange(HttpCommand):
    """The connection is ended instead of an answer, exactly for the requests that match."""

    executed: bool
    """Whether the HMC has carried the request out by then."""
    how: Cut = Cut.FIN


class RedirectTo(StrEnum):
    """Where a redirect leads."""

    SAME = "same"
    OTHER_HOST = "other_host"
    PLAIN_HTTP = "plain_http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(HttpCommand):
    """The HMC is not asked; the client is sent elsewhere, at most to another address of the trial."""

    to: RedirectTo
    status: int
    once: bool
    """A request that comes again after its redirect is let through; otherwise it is sent round for ever."""


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
class NoteRequests(HttpCommand):
    """No fault: each request that can be read is told, also one that the HMC never sees because of another command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCommand(Command):
    """Base of commands that reach TLS handshakes. Open connections are closed (FIN), so that there are some."""


class Certificate(StrEnum):
    """What certificate a server shows instead of its own."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_HOST = "wrong_host"
    SELF_SIGNED = "self_signed"
    UNKNOWN_CA = "unknown_ca"
    ROTATED = "rotated"
    """A good one, with another key than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentCertificate(TlsCommand):
    """New connections are shown this certificate."""

    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOldTls(TlsCommand):
    """New connections are offered TLS 1.1 and older only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCommand(Command):
    """Base of commands that need to see the frames between the HMC's message broker and those who listen to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseListeners(NotificationCommand):
    """Whoever logs on to the broker gets an ERROR frame, and is hung up on; who is logged on stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdNotifications(NotificationCommand):
    """Subscriptions stand and heart-beats go on, but no message is sent."""

    kept: bool
    """The healing sends what was withheld, in order; otherwise it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatNotifications(NotificationCommand):
    """Each message arrives so many times, the same frame each time."""

    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapNotifications(NotificationCommand):
    """Of each two messages to one client the second one is sent first; the healing sends one that still waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallHeartbeats(NotificationCommand):
    """The broker sends no heart-beats, whatever it has promised; messages go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCommand(Command):
    """Base of commands about what the HMC's name means; they reach look-ups of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailLookups(NameCommand):
    """The name does not resolve."""

    temporary: bool
    """The look-up fails, as where no name server answers; otherwise it says that there is no such name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDeadAddressFirst(NameCommand):
    """The name has two addresses, and at the first one nobody is."""

    silent: bool
    """Connects to it are never answered; otherwise they are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayLookups(NameCommand):
    """Look-ups are answered so late."""

    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCommand(Command):
    """Base of what is done to the agent's own process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAgent(AgentCommand):
    """SIGSTOP; the healing is SIGCONT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KillAgent(AgentCommand):
    """SIGKILL; the healing starts the program again."""


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
class SetPartitionStatus(HmcCommand):
    """A partition's status changes, be it by somebody else or by itself."""

    partition: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLogEntry(HmcCommand):
    """Somebody else does something that the console's audit log tells."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleCommand(HmcCommand):
    """Base of changes of what a console has for itself: an alternate HMC has the same CPCs, and none of this."""

    address: Address = Address.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSessions(ConsoleCommand):
    """The HMC forgets every session: the next request of each client gets 403,5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetJobs(ConsoleCommand):
    """The HMC forgets every job and its result; what each was doing is done, or undone if it was cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBystander(Command):
    """Another program uses the HMC at the same time, as a user of its own; ended at the latest with the trial."""

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBus(Command):
    """Stop a real Neutron's RabbitMQ, for the server and all agents; healing starts it again, with what it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopServer(Command):
    """Stop what of a real Neutron hears agents; its API still answers, and what agents send waits in the broker."""

"""What engines are told to do: plain values that a fault yields and an engine carries out.

A command says nothing of how. Which engine carries which command stands in the vocabulary (`vocabulary.py`), so
that a scenario that asks an engine for what it cannot do is refused when it is loaded.

One file a family; who wants a command imports it from here:

base.py           what a command is, and what those of several families reach
connections.py    needs no more than TCP: the door, bytes, and those of a TLS handshake
answers.py        needs to see HTTP: answers that are wrong, late, lost, or lead elsewhere
jobs.py           what is told of asynchronous jobs
tls.py            certificates and protocol versions
notifications.py  what is between the HMC's message broker and those who listen
names.py          look-ups of the HMC's name
hmc.py            changes of the HMC itself: facts, which nothing heals
programs.py       the agent's process, a bystander, and what a real Neutron is made of
"""

from harness.core.commands.answers import (
    AnswerPart,
    AnswerWithError,
    BreakJson,
    ChangeContentType,
    DelayRequest,
    DripAnswer,
    EnlargeAnswer,
    ErrorBody,
    Framing,
    LoseExchange,
    NoteRequests,
    Redirect,
    RedirectTo,
    RefuseSessions,
    Spoil,
    SpoilBody,
    TruncateAnswer,
)
from harness.core.commands.base import Address, Channel, Command, HttpCommand
from harness.core.commands.connections import (
    Blackhole,
    CloseOnAccept,
    ConnectionCommand,
    Cut,
    CutConnection,
    CutHandshake,
    Delay,
    DelayFirstByte,
    Direction,
    Existing,
    Flap,
    ForgetConnections,
    Hang,
    RefuseAfter,
    RefuseConnections,
    Stall,
    StallHandshake,
    StreamCommand,
    Throttle,
)
from harness.core.commands.hmc import (
    AddNic,
    ConsoleCommand,
    ExpireSessions,
    ForgetJobs,
    HmcCommand,
    RemoveNic,
    SetPartitionStatus,
    WriteLogEntry,
)
from harness.core.commands.jobs import FreezeJobs, JobEnd, JobField, MisreportJobs, OmitFromJobs, PretendJobs
from harness.core.commands.names import DelayLookups, FailLookups, NameCommand, PutDeadAddressFirst
from harness.core.commands.notifications import (
    NotificationCommand,
    RefuseListeners,
    RepeatNotifications,
    StallHeartbeats,
    SwapNotifications,
    WithholdNotifications,
)
from harness.core.commands.programs import AgentCommand, KillAgent, PauseAgent, RunBystander, StopBus, StopServer
from harness.core.commands.tls import Certificate, OfferOldTls, PresentCertificate, TlsCommand

__all__ = [
    "AddNic",
    "Address",
    "AgentCommand",
    "AnswerPart",
    "AnswerWithError",
    "Blackhole",
    "BreakJson",
    "Certificate",
    "ChangeContentType",
    "Channel",
    "CloseOnAccept",
    "Command",
    "ConnectionCommand",
    "ConsoleCommand",
    "Cut",
    "CutConnection",
    "CutHandshake",
    "Delay",
    "DelayFirstByte",
    "DelayLookups",
    "DelayRequest",
    "Direction",
    "DripAnswer",
    "EnlargeAnswer",
    "ErrorBody",
    "Existing",
    "ExpireSessions",
    "FailLookups",
    "Flap",
    "ForgetConnections",
    "ForgetJobs",
    "Framing",
    "FreezeJobs",
    "Hang",
    "HmcCommand",
    "HttpCommand",
    "JobEnd",
    "JobField",
    "KillAgent",
    "LoseExchange",
    "MisreportJobs",
    "NameCommand",
    "NoteRequests",
    "NotificationCommand",
    "OfferOldTls",
    "OmitFromJobs",
    "PauseAgent",
    "PresentCertificate",
    "PretendJobs",
    "PutDeadAddressFirst",
    "Redirect",
    "RedirectTo",
    "RefuseAfter",
    "RefuseConnections",
    "RefuseListeners",
    "RefuseSessions",
    "RemoveNic",
    "RepeatNotifications",
    "RunBystander",
    "SetPartitionStatus",
    "Spoil",
    "SpoilBody",
    "Stall",
    "StallHandshake",
    "StallHeartbeats",
    "StopBus",
    "StopServer",
    "StreamCommand",
    "SwapNotifications",
    "Throttle",
    "TlsCommand",
    "TruncateAnswer",
    "WithholdNotifications",
    "WriteLogEntry",
]

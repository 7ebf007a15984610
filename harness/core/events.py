"""What can happen in a trial, one frozen dataclass a kind; the history is a list of these.

Laws:
1. `t` is in seconds of the trial's clock; 0 is the trial's begin. The recorder stamps it, nobody else.
2. A field holds what was seen, never what was concluded: conclusions are the checks' business.
3. Each event survives JSON and back without a loss (`encode`, `decode`), so that a verdict can be computed again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args, get_origin, get_type_hints

AGENT = "agent"
"""Name of the program under test in events about processes and requests; a bystander has its profile's name."""

PROCESS = "process"
"""Name of the engine whose faults meet the agent's process, whatever it does: they say nothing of an HMC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""

    t: float = field(default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBegan(Event):
    """First event: everything that the verdict needs to know of the scenario, so that the file stands alone."""

    scenario: str
    document: str
    """The scenario with its matrix values put in, as JSON text."""
    seed: int
    address: str
    """The HMC's host and port as the agent knows them."""
    timeouts: Mapping[str, float]
    """What the agent's profile claims, by TR name: connect_timeout (seconds), connect_retries, ..."""
    alternate: str = ""
    """Host and port of the alternate HMC; empty where no program is told one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStarted(Event):
    """A program was executed."""

    who: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExited(Event):
    """A program is gone. `status` is its exit status, or minus the signal's number; `asked`: we told it to stop."""

    who: str
    status: int
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine(Event):
    """A line that a program printed; level in lower case as the profile's pattern found it, or empty."""

    who: str
    stream: str
    level: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyHeld(Event):
    """The steady state was reached: the timeline's zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyMissed(Event):
    """The steady state was not reached in its time, so nothing that follows would prove anything."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineBegan(Event):
    """The timeline's zero: the steady state, or the agent's start where the scenario asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegan(Event):
    """A step's command is in force. `due` is the moment for which it was planned."""

    step: int
    what: str
    engine: str
    fault: bool
    """Whether it is a fault; a change of the HMC or a bystander is none."""
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHealed(Event):
    """A step's command was undone."""

    step: int
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(Event):
    """An engine could not begin or heal a step."""

    step: int
    phase: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNeverBegan(Event):
    """The trial was over before the step's trigger came."""

    step: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched(Event):
    """Witness: a fault met traffic. `what` says what it did to it; `amount` counts bytes, packets or requests."""

    step: int
    what: str
    amount: int = 1
    over: bool = True
    """False while it only begins: data is held and will be late. A step that lasts `once` waits for the end of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionAttempt(Event):
    """A client tried to connect to the HMC's address: accepted, refused or ignored. One event an attempt."""

    connection: str
    outcome: str
    channel: str = "api"
    """Of the HMC's ports the one that it was for: ``api`` or ``notifications``."""
    address: str = "first"
    """Of the HMC's addresses the one that it was for: ``first`` or ``alternate``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen(Event):
    """A step is in force of which not all can be seen: who counts `what` must not guess. `why` says what to do."""

    step: int
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionEnded(Event):
    """A connection is gone: by the client, by the HMC, or cut by a fault."""

    connection: str
    by: str
    bytes_request: int
    bytes_response: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestArrived(Event):
    """The HMC has read a request; it is carried out after this."""

    request: int
    method: str
    path: str
    who: str
    """Whose it is, told by the HMC user that every program has of its own; empty where no session is."""
    address: str = "first"
    """Which HMC has read it: the ``first`` or the ``alternate`` one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """The HMC has answered a request. `reason` is the HMC's reason code, or -1."""

    request: int
    status: int
    reason: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strayed(Event):
    """A request arrived where no HMC is, since a redirect led there: another host, or a port without TLS."""

    where: str
    method: str
    path: str
    secret: str
    """Name of a secret that it carried, such as session id; empty if it carried none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChanged(Event):
    """A logon (ok or refused), a logoff, or a request with a session id that the HMC does not know."""

    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLookedUp(Event):
    """A program has looked up the HMC's name: ok and the addresses, none (no such name) or again (cannot be told)."""

    name: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged(Event):
    """A client of the HMC's message broker listens to a topic from now on, or no longer does."""

    who: str
    """Whose topic it is; empty where nobody can tell."""
    listener: str
    """The broker's name of the client's connection."""
    topic: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(Event):
    """The HMC's message broker has written a message to a client; a fault may still keep it from arriving."""

    who: str
    listener: str
    topic: str
    kind: str
    """Its notification-type, such as status-change."""
    about: str
    """Name or URI of what it is about."""
    number: int
    """Its session-sequence-nr: counts from 0 what there was to tell this client, also what it was not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat(Event):
    """A sign of life arrived from the agent where its profile says that it arrives."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSampled(Event):
    """What the control plane, read from outside, says of the agent at this moment."""

    alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortsSampled(Event):
    """What the control plane says of the agent's ports at this moment: status by port name."""

    status: Mapping[str, str]
    revision: Mapping[str, int] = field(default_factory=dict)
    """Neutron's revision_number by port name: a larger one says that the port was changed since the last look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NicChanged(Event):
    """A NIC of the agent's came or went on the HMC (also those that are there at the begin)."""

    port: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFailed(Event):
    """The harness could not look (its own reading of the control plane or of the agent's metrics failed)."""

    probe: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentCrashed(Event):
    """A part of the harness failed: nothing that follows can be trusted."""

    component: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarpUsed(Event):
    """How fast the clocks of this trial run, told before its programs start."""

    factor: float
    """Agent seconds in a second of the wall; 1 is real time."""
    why: str
    """Why this fast, for people."""
    needs_s: float
    """How many agent seconds the trial was expected to last."""
    earlier: str = ""
    """What came of the same trial at higher factors, for people; empty if it was not played before."""
    auto: bool = False
    """Whether nobody asked for this factor, so that another one will do as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarpRefused(Event):
    """The clocks cannot run as fast as was asked for, so the trial was not played. `why` says what to do."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwarped(Event):
    """A program of a warped trial has run in real time, so that its times prove nothing; told at the end."""

    why: str
    """Which one, and why that is known."""
    remedy: str
    """What a person can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarpBurden(Event):
    """What the machine has taken from a warped trial by now: agent seconds that real time would not have cost.

    Told now and then; what adds up is told for all since the trial's begin.
    """

    cpu_share: float
    """CPU seconds of the agent's in a second of the wall."""
    cpu_s: float
    """Because a CPU second of the agent's counts as many times as its clock is fast."""
    waited_s: float
    """Because its threads had to wait for a CPU, or for a process of the harness's that it speaks through."""
    late_s: float
    """By how much the harness itself was late, at its worst since it was told before."""
    drift_s: float = 0.0
    """By how much the clocks of the trial's programs and the harness's differed at the most; told once, at the end."""
    clocks: int = 0
    """How many programs have told what their clock showed; told once, at the end."""

    @property
    def agent_s(self) -> float:
        """What the agent has lost by now, at the most."""
        return self.cpu_s + self.waited_s


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEnded(Event):
    """Last moment at which the trial was watched; what comes after is clearing up."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover(Event):
    """Something could not be healed or stopped in the clearing up."""

    what: str


KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
_HINTS: Mapping[str, Mapping[str, object]] = {name: get_type_hints(kind) for name, kind in KINDS.items()}


def encode(event: Event) -> dict[str, object]:
    """As a JSON object; `event` holds the kind."""
    values = {item.name: getattr(event, item.name) for item in dataclasses.fields(event)}
    plain = {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
    return {"t": plain.pop("t"), "event": type(event).__name__, **plain}


def decode(data: Mapping[str, object]) -> Event:
    """The event that `encode` made this object of.

    Raises:
        ValueError: the kind is unknown, or a field is missing, unknown or of the wrong type.
    """
    name = data.get("event")
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"unknown event {name!r}; this history is of another version, or is no history")
    if "t" not in data:
        raise ValueError(f"event {name}: the time 't' is missing")
    kind = KINDS[name]
    hints = _HINTS[name]
    given = {key: _as(name, key, value, hints.get(key)) for key, value in data.items() if key != "event"}
    try:
        return kind(**given)  # type: ignore[arg-type] # each value was held against its field's type
    except TypeError as error:
        raise ValueError(f"event {name}: {error}") from error


def _as(event: str, key: str, value: object, hint: object) -> object:
    """The value as its field's type has it; a field that is unknown is left to the constructor to refuse."""
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Mapping) and get_origin(hint) is Mapping:
        item = get_args(hint)[1]
        return {name: _as(event, f"{key}.{name}", inner, item) for name, inner in value.items()}
    wrong = hint is not None and not isinstance(value, get_origin(hint) or hint)  # type: ignore[arg-type] # a class
    # To isinstance a bool is an int.
    if wrong or (isinstance(value, bool) and hint not in (bool, None)):
        raise ValueError(f"event {event}: field {key!r} has the value {value!r}, which is not of its type")
    return value

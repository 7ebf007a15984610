"""The words between the harness and the proxy process: one JSON object a line. No I/O.

Harness to proxy, first line: ``{"ca": PEM, "upstream_ca": PEM}``. Then ``{"id": n, "do": "attach" | "begin" | "heal" |
"detach", ...}``, each answered by ``{"answer": n, ...}``, with ``"error"`` if it failed.
Proxy to harness, unasked: ``{"ready": confdir}``, ``{"touched": step, "what": text, "over": bool}``,
``{"crashed": text}``, ``{"strayed": where, "method": method, "path": path, "secret": name}``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import get_type_hints

from harness.core import commands
from harness.core.commands import Command
from harness.core.patterns import RequestPattern

Message = Mapping[str, object]

CARRIES: frozenset[type[Command]] = frozenset(
    {
        commands.AnswerWithError,
        commands.BreakJson,
        commands.ChangeContentType,
        commands.DelayRequest,
        commands.DripAnswer,
        commands.EnlargeAnswer,
        commands.FreezeJobs,
        commands.LoseExchange,
        commands.MisreportJobs,
        commands.NoteRequests,
        commands.OfferOldTls,
        commands.OmitFromJobs,
        commands.PresentCertificate,
        commands.PretendJobs,
        commands.Redirect,
        commands.RefuseSessions,
        commands.SpoilBody,
        commands.TruncateAnswer,
    }
)
"""What this engine carries out."""

_KINDS: Mapping[str, type[Command]] = {kind.__name__: kind for kind in CARRIES}


def line(message: Message) -> bytes:
    """As it goes over the pipe."""
    return json.dumps(message).encode() + b"\n"


def parse(text: bytes) -> Message:
    """A line that came over the pipe.

    Raises:
        ValueError: it is not a JSON object.
    """
    message = json.loads(text)
    if not isinstance(message, dict):
        raise ValueError(f"{text!r} is not a JSON object")  # noqa: TRY004 - bad data of the other side, as json's own
    return message


def encode(command: Command) -> Message:
    """A command as JSON values."""
    values = {item.name: getattr(command, item.name) for item in dataclasses.fields(command)}
    plain = {name: str(value) if isinstance(value, RequestPattern) else value for name, value in values.items()}
    return {"kind": type(command).__name__, **plain}


def decode(message: Message) -> Command:
    """The command that `encode` made this of.

    Raises:
        ValueError: it is none of ours.
    """
    values = dict(message)
    kind = _KINDS.get(str(values.pop("kind", "")))
    if kind is None:
        raise ValueError(f"{message!r} is not a command that this engine carries out")
    hints = get_type_hints(kind)
    try:
        return kind(**{name: _value(hints.get(name), value) for name, value in values.items()})
    except TypeError as error:
        raise ValueError(str(error)) from error


def _value(hint: object, value: object) -> object:
    """A value as its field has it: JSON knows neither patterns nor our enumerations."""
    if hint is RequestPattern:
        return RequestPattern.parse(str(value))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(str(value))
    return value

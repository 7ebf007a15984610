"""The words between the harness and the proxy process: one JSON object a line. No I/O.

Harness to proxy, first line: ``{"ca": PEM, "upstream_ca": PEM}``. Then ``{"id": n, "do": "attach" | "begin" | "heal" |
"detach", ...}``, each answered by ``{"answer": n, ...}``, with ``"error"`` if it failed.
Proxy to harness, unasked: ``{"ready": confdir}``, ``{"touched": step, "what": text}``, ``{"crashed": text}``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from harness.core.commands import (
    AnswerWithError,
    BreakJson,
    ChangeContentType,
    Command,
    DelayRequest,
    FreezeJobs,
    HttpCommand,
)
from harness.core.patterns import RequestPattern

Message = Mapping[str, object]

CARRIES: frozenset[type[Command]] = frozenset({FreezeJobs, AnswerWithError, BreakJson, ChangeContentType, DelayRequest})
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


def encode(command: HttpCommand) -> Message:
    """A command as JSON values."""
    values = {item.name: getattr(command, item.name) for item in dataclasses.fields(command)}
    return {"kind": type(command).__name__, **values, "match": str(command.match)}


def decode(message: Message) -> Command:
    """The command that `encode` made this of.

    Raises:
        ValueError: it is none of ours.
    """
    values = dict(message)
    kind = _KINDS.get(str(values.pop("kind", "")))
    if kind is None:
        raise ValueError(f"{message!r} is not a command that this engine carries out")
    values["match"] = RequestPattern.parse(str(values["match"]))
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(str(error)) from error

"""The recorder: the one place where events get their time and lose their secrets.

Laws:
1. Times never go back: an event is stamped when it is recorded, by one clock.
2. No secret that was named with `hide` before is kept, written or passed on.
3. Each event is on disk before anybody acts on it, so that a killed run leaves a history as long as it lived.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TextIO

from harness.core.events import ComponentCrashed, Event, encode
from harness.core.history import History
from harness.core.interfaces import Clock

Listener = Callable[[Event], None]

_LEAST_SECRET = 4
"""Shorter texts would turn up in innocent places and make a history unreadable."""

_LEAST_IN_BASE64 = 8
"""As above: letters of base64 look like any word."""


def _in_base64(secret: str) -> Iterator[str]:
    """What base64 shows of a secret in a longer text. Three bytes become four letters, so there are three ways."""
    data = secret.encode()
    for before in range(3):
        letters = base64.b64encode(bytes(before) + data).decode()
        whole = letters[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        if len(whole) >= _LEAST_IN_BASE64:
            yield whole


class TrialRecorder:
    """Keeps the history of one trial and tells listeners of each event."""

    def __init__(self, clock: Clock, sink: TextIO | None = None) -> None:
        self.history = History()
        self._clock = clock
        self._began = clock.now()
        self._sink = sink
        self._listeners: list[Listener] = []
        self._secrets: dict[str, str] = {}

    def listen(self, listener: Listener) -> None:
        """Call this for every event that is recorded from now on."""
        self._listeners.append(listener)

    def now(self) -> float:
        """Seconds since the trial began."""
        return self._clock.now() - self._began

    def hide(self, secret: str, name: str) -> None:
        """Replace this text by ``<secret:name>`` from now on, also inside of base64, as in HTTP's basic authentication.

        Raises:
            ValueError: the text is too short to be told from ordinary words.
        """
        if len(secret) < _LEAST_SECRET:
            raise ValueError(f"a secret ({name}) of less than {_LEAST_SECRET} characters cannot be hidden")
        for form in (secret, *_in_base64(secret)):
            self._secrets[form] = f"<secret:{name}>"

    def redact(self, text: str) -> str:
        """The text with every secret that it holds replaced."""
        for secret, mark in self._secrets.items():
            if secret in text:
                text = text.replace(secret, mark)
        return text

    def record(self, event: Event) -> None:
        """Stamp the event and add it to the history."""
        event = dataclasses.replace(event, t=self.now(), **self._redacted(event))
        unwritten = self._write(event)
        self.history.add(event)
        for listener in self._listeners:
            listener(event)
        if unwritten:
            self.record(ComponentCrashed(component="recorder", error=unwritten))

    def _write(self, event: Event) -> str:
        """To the file; returns why that failed, or ''. A history with a hole must not be judged as if it had none."""
        if self._sink is None:
            return ""
        try:
            self._sink.write(json.dumps(encode(event), separators=(",", ":"), ensure_ascii=False) + "\n")
            self._sink.flush()
        except OSError as error:
            self._sink = None
            return f"the history can no longer be written: {error}"
        return ""

    def _redacted(self, event: Event) -> dict[str, object]:
        """The fields that held a secret, without it."""
        changed: dict[str, object] = {}
        for item in dataclasses.fields(event):
            value = getattr(event, item.name)
            clean = self._clean(value)
            if clean is not value and clean != value:
                changed[item.name] = clean
        return changed

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, Mapping):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        return value

"""An answer that goes byte by byte: which byte is due when. Pure; `drip_layer.py` does as it says.

1. A part of an answer, its headers or its body, goes at the rate of the slowest drip on it; a part without one goes in
   one piece, as soon as what is before it has gone.
2. It is never ahead of its rate. Who looks late finds several bytes due, and each of them is still a piece of its own.
3. What is healed, or has nobody any more who hears it, drips no longer; it says so once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.core.commands import AnswerPart

END_OF_HEADERS = b"\r\n\r\n"
HEALED = "then the fault was healed"
GAVE_UP = "then the client gave up"

Tell = Callable[[str, bool], None]
"""Told what was done, and whether it is over or only begins."""


@dataclass(slots=True)
class Drip:
    """What a step does to one answer."""

    part: AnswerPart
    bytes_per_s: float
    tell: Tell = field(default=lambda _what, _over: None)
    _sent: int = 0
    _began: bool = False
    _is_over: bool = False

    @property
    def is_over(self) -> bool:
        """It does nothing any more."""
        return self._is_over

    def begin(self) -> None:
        """Bytes wait because of it."""
        if not self._began:
            self._began = True
            self.tell(f"sends the {self.part} byte by byte", False)

    def count(self) -> None:
        """A byte went alone."""
        self._sent += 1

    def end(self, words: str = "all of it") -> None:
        """It is over. One that nothing has waited for has done nothing."""
        if self._began and not self._is_over:
            self.tell(f"sent {self._sent} bytes of the {self.part} one by one, {words}", True)
        self._is_over = True


class Outflow:
    """One answer on its way to a client."""

    def __init__(self, drips: Sequence[Drip]) -> None:
        self._drips = drips
        self._data = b""
        self._at = 0
        self._due_s: float | None = None

    def add(self, data: bytes) -> None:
        """More of the answer."""
        self._data += data

    def pieces(self, now_s: float) -> Iterator[bytes]:
        """What is due by now."""
        while self._at < len(self._data):
            part, end = self._part()
            dripping = [drip for drip in self._drips if drip.part is part and not drip.is_over]
            size = 1 if dripping else end - self._at
            for drip in dripping:
                drip.begin()
            if dripping and not self._is_due(now_s, min(drip.bytes_per_s for drip in dripping)):
                return
            piece = self._data[self._at : self._at + size]
            self._at += size
            for drip in dripping:
                drip.count()
                if self._at == end:
                    drip.end()
            yield piece

    def wait_s(self, now_s: float) -> float | None:
        """How long until something is due; None if all has gone."""
        return None if self._at == len(self._data) else max(0.0, (self._due_s or now_s) - now_s)

    def give_up(self) -> None:
        """Nobody is there to hear the rest."""
        self._at = len(self._data)
        for drip in self._drips:
            drip.end(GAVE_UP)

    def _part(self) -> tuple[AnswerPart, int]:
        """Of which part the next byte is, and where that ends."""
        body_at = self._data.find(END_OF_HEADERS) + len(END_OF_HEADERS)
        return (AnswerPart.HEADERS, body_at) if self._at < body_at else (AnswerPart.BODY, len(self._data))

    def _is_due(self, now_s: float, bytes_per_s: float) -> bool:
        """Whether the next byte is; then says when the one after it will be."""
        if self._due_s is None:
            self._due_s = now_s + 1 / bytes_per_s
        if self._due_s > now_s:
            return False
        self._due_s += 1 / bytes_per_s
        return True

"""Bytes of a pipe -> lines of text, bounded in length and number. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

LINE_BYTES = 8192
"""Longer lines are cut here, with a mark."""
LINES_A_SECOND = 1000
"""More than these are counted, not kept."""
LAST_WORDS_BYTES = 4096
LAST_WORDS_LINES = 20
"""Of a flood at whose end the program is gone, so much is kept: it may say why."""


class LineReader:
    """Cuts one stream into lines.

    Seconds are counted from the first line after a quiet second; each is a stretch of its own. The lines of a stretch
    past the first `LINES_A_SECOND` come out as one, ``[N lines left out]``, when the stretch is over.
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._cut = 0
        self._began = float("-inf")
        self._kept = 0
        self._left_out = 0
        self._tail = b""

    @property
    def owes(self) -> bool:
        """Lines were left out that nothing has been said about yet."""
        return self._left_out > 0

    def feed(self, data: bytes, now_s: float) -> list[str]:
        """The lines that are whole with this data; `now_s` is any monotonic clock's."""
        out = self.turn(now_s)
        *whole, rest = data.split(b"\n", max(0, LINES_A_SECOND - self._kept))
        self._kept += len(whole)
        for piece in whole:
            self._grow(piece)
            out.append(self._take())
        if self._kept >= LINES_A_SECOND and b"\n" in rest:
            rest = self._leave_out(rest)
        self._grow(rest)
        return out

    def turn(self, now_s: float) -> list[str]:
        """Begin a new stretch if the old one's second is over; returns what it owes."""
        if now_s - self._began < 1.0:
            return []
        out = list(self._mark(self._left_out))
        self._began, self._kept, self._left_out, self._tail = now_s, 0, 0, b""
        return out

    def end(self) -> list[str]:
        """What is left when the program is gone: the last words of a flood, and the line that it did not end."""
        last = [text(line) for line in self._tail.split(b"\n")[1:-1][-LAST_WORDS_LINES:]]
        out = [*self._mark(self._left_out - len(last)), *last]
        self._left_out, self._tail = 0, b""
        if self._line:
            out.append(self._take())
        return out

    def _leave_out(self, data: bytes) -> bytes:
        """Count whole lines only; returns what follows the last of them."""
        self._left_out += data.count(b"\n")
        end = data.rindex(b"\n") + 1
        self._tail = (self._tail + bytes(self._line) + data[:end])[-LAST_WORDS_BYTES:]
        self._line.clear()
        self._cut = 0
        return data[end:]

    def _grow(self, piece: bytes) -> None:
        room = LINE_BYTES - len(self._line)
        self._line += piece[:room]
        self._cut += max(0, len(piece) - room)

    def _take(self) -> str:
        line = text(bytes(self._line))
        mark = f" [{self._cut} bytes cut]" if self._cut else ""
        self._line.clear()
        self._cut = 0
        return line + mark

    @staticmethod
    def _mark(count: int) -> Iterator[str]:
        if count > 0:
            yield f"[{count} lines left out]"


def text(line: bytes) -> str:
    """As text, whatever it is."""
    return line.decode("utf-8", errors="replace").rstrip("\r")

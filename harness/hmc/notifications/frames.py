"""STOMP frames of versions 1.0 to 1.2 (https://stomp.github.io), bounded and without I/O.

Laws:
1. What is not a frame raises BadFrame, and the connection is over: STOMP has no way to find the next frame.
2. No more than `FRAME_LIMIT_BYTES` are ever kept of a frame that has not ended.
3. Of a header that is there twice, the first one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

FRAME_LIMIT_BYTES = 64 * 1024
"""Of a client's frame: clients send no bodies, and ids and topics are short."""
HEADERS_LIMIT = 100
_LENGTH_DIGITS = 10
"""Of a content-length, with leading zeros. Python refuses to read thousands of them."""

_UNESCAPED = {r"\n": "\n", r"\c": ":", r"\\": "\\", r"\r": "\r"}
_ESCAPED = {text: escape for escape, text in _UNESCAPED.items()}
_ESCAPE = re.compile(r"\\.?", re.DOTALL)
_TO_ESCAPE = re.compile(r"[\n:\\\r]")
_UNTOUCHED = frozenset({"CONNECT", "CONNECTED"})
"""Frames whose headers are not escaped, so that 1.0 understands them. (STOMP, the other CONNECT, is not among them.)"""


class BadFrame(Exception):
    """The client sent what is no STOMP frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One STOMP frame."""

    command: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self, version: str = "1.2") -> bytes:
        """The frame's bytes, in the protocol version that was agreed on.

        A name from an inventory, or that was given at the console, can hold half a surrogate pair, which is no UTF-8.
        """
        plain = version == "1.0" or self.command in _UNTOUCHED
        lines = [self.command]
        lines += [f"{_out(name, plain)}:{_out(value, plain)}" for name, value in self.headers.items()]
        return "\n".join([*lines, "", ""]).encode("utf-8", "replace") + self.body + b"\0"


class FrameReader:
    """Takes bytes as they come, gives the frames that are whole."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that these bytes complete; the end-of-lines between frames (heart-beats) give none.

        Raises:
            BadFrame: the bytes cannot be a frame, or it is too large.
        """
        self._kept += data
        while True:
            while self._kept and self._kept[0] in b"\r\n":
                del self._kept[0]
            frame = self._take()
            if frame is None:
                return
            yield frame

    def _take(self) -> Frame | None:
        found = re.search(rb"\r?\n\r?\n|\0", self._kept)
        if found is None or found[0] == b"\0":
            if found is not None:
                raise BadFrame("a frame ended before the empty line that ends its headers")
            self._wait()
            return None
        command, headers = _head(bytes(self._kept[: found.start()]))
        end = _body_end(self._kept, found.end(), headers)
        if end is None:
            self._wait()
            return None
        body = bytes(self._kept[found.end() : end])
        del self._kept[: end + 1]
        return Frame(command, headers, body)

    def _wait(self) -> None:
        if len(self._kept) > FRAME_LIMIT_BYTES:
            raise BadFrame(f"a frame is larger than {FRAME_LIMIT_BYTES} bytes")


def _head(raw: bytes) -> tuple[str, dict[str, str]]:
    try:
        command, *lines = [line.removesuffix("\r") for line in raw.decode().split("\n")]
    except UnicodeDecodeError as error:
        raise BadFrame("the headers of a frame are not UTF-8") from error
    if len(lines) > HEADERS_LIMIT:
        raise BadFrame(f"a frame has more than {HEADERS_LIMIT} headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name:
            raise BadFrame("a header has no name or no colon")
        plain = command in _UNTOUCHED
        headers.setdefault(_in(name, plain), _in(value, plain))
    return command, headers


def _body_end(kept: bytearray, begin: int, headers: Mapping[str, str]) -> int | None:
    """Where the NUL after the body is; None if it has not come yet."""
    length = headers.get("content-length")
    if length is None:
        end = kept.find(b"\0", begin)
        return None if end < 0 else end
    is_number = length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS
    if not is_number or int(length) > FRAME_LIMIT_BYTES:
        raise BadFrame("content-length is no number of bytes, or too large")
    end = begin + int(length)
    if len(kept) <= end:
        return None
    if kept[end] != 0:
        raise BadFrame("a body is longer than its content-length")
    return end


def _in(text: str, plain: bool) -> str:
    return text if plain or "\\" not in text else _ESCAPE.sub(_unescape, text)


def _unescape(found: re.Match[str]) -> str:
    if found[0] not in _UNESCAPED:
        raise BadFrame("a header holds an escape that STOMP does not have")
    return _UNESCAPED[found[0]]


def _out(text: str, plain: bool) -> str:
    if plain:
        return text.replace("\n", " ").replace("\r", " ").replace("\0", " ")
    return _TO_ESCAPE.sub(lambda found: _ESCAPED[found[0]], text).replace("\0", " ")

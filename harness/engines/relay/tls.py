"""How much of a stream is TLS handshake, told by the types of its records alone (RFC 8446, section 5.1). Pure.

In TLS 1.3 all that follows the ServerHello is encrypted and looks like application data: the handshake that can be seen
is the ClientHello and the ServerHello. In TLS 1.2 it is all of it but what it protects.
"""

from __future__ import annotations

from dataclasses import dataclass

_HEADER_BYTES = 5
_PART_OF_HANDSHAKE = frozenset({20, 21, 22})
"""change_cipher_spec, alert and handshake; 23 is application_data."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in its records a stream stands."""

    left: int = 0
    """Bytes that are still to come of a record whose header was read."""
    header: bytes = b""
    over: bool = False


@dataclass(slots=True)
class Handshake:
    """The handshake of one direction of a connection; what does not begin like TLS has none."""

    passed: int = 0
    """Bytes of it that have gone."""
    _at: _Place = _Place()

    def bytes_of(self, coming: bytes) -> int:
        """How many of the coming bytes still belong to it."""
        return 0 if self._at.over else _walk(self._at, coming)[0]

    def count(self, data: bytes) -> None:
        """These bytes have gone."""
        if not self._at.over:
            amount, self._at = _walk(self._at, data)
            self.passed += amount


def _walk(at: _Place, data: bytes) -> tuple[int, _Place]:
    """How many of these bytes are handshake, and where that leaves the stream."""
    position = 0
    while position < len(data) and not at.over:
        if at.left:
            amount = min(at.left, len(data) - position)
            at = _Place(left=at.left - amount)
        elif not at.header and data[position] not in _PART_OF_HANDSHAKE:
            return position, _Place(over=True)
        else:
            amount = min(_HEADER_BYTES - len(at.header), len(data) - position)
            header = at.header + data[position : position + amount]
            whole = len(header) == _HEADER_BYTES
            at = _Place(left=int.from_bytes(header[3:], "big")) if whole else _Place(header=header)
        position += amount
    return position, at

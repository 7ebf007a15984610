"""Counts what has gone each way since the client last began to speak, and where a cut falls.

The client begins to speak with its first byte after bytes of the other side. The bytes of a TLS handshake are speech
like any other: nothing here knows what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands import Direction


@dataclass(slots=True)
class Turn:
    """The bytes of the current turn, as they left the relay."""

    request: int = 0
    response: int = 0

    def gone(self, direction: Direction) -> int:
        """So many bytes of this direction are part of the turn to which its next byte belongs."""
        if direction is Direction.RESPONSE:
            return self.response
        return 0 if self.response else self.request

    def count(self, direction: Direction, amount: int) -> None:
        """So many bytes more have left."""
        if direction is Direction.RESPONSE:
            self.response += amount
            return
        self.request = self.gone(direction) + amount
        self.response = 0


def bytes_before_cut(gone: int, coming: int, after_bytes: int) -> int | None:
    """How many of the coming bytes still pass if a cut is due after so many of the turn; None if it is not due yet.

    A turn that is past the place already is left alone: the cut then falls into a later one, exactly.
    """
    if after_bytes == 0:
        return 0 if gone == 0 else None
    left = after_bytes - gone
    return left if 0 < left <= coming else None


def bytes_before_stall(gone: int, coming: int, after_bytes: int) -> int | None:
    """How many of the coming bytes still pass if all that follows so many of the turn is held; None if none is.

    Unlike a cut, a stall needs a byte that it can hold: a turn that ends at the place is whole.
    """
    left = after_bytes - gone
    return left if 0 <= left < coming else None

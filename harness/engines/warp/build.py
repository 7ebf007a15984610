"""The library that makes clocks fast, built where it can be."""

from __future__ import annotations

from pathlib import Path

from harness.engines.preload import Source
from harness.errors import BadInput

SOURCE = Source("warp", Path(__file__).with_name("library"), "use --warp off")


def library() -> Path:
    """The shared object, built if there is none yet of this source.

    Raises:
        BadInput: this platform has no warp, there is no compiler, or no place for the result; says what to do.
        EngineFailed: the compiler did not take it; shows what it said.
    """
    if words := unsupported():
        raise BadInput(f"{words}; run in real time: --warp off")
    return SOURCE.built()


def unsupported() -> str | None:
    """Why there can be no warp on this system, whatever is installed; None if there can be one."""
    return SOURCE.unsupported()

"""A folder that goes with the process that made it, or, where that was killed, with whoever makes the next one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "hmc-harness-"
"""Of all such folders; a word says what for."""

GONE_WITHIN_S = 10.0
"""Processes of a killed owner end within 2 s and may write until then."""

_LOCK = "owner.lock"
"""Locked by the owner as long as it lives: the kernel unlocks it however that ends."""


@contextmanager
def own_folder(what: str) -> Iterator[Path]:
    """A folder that only this user can look into; removed at the end, as are those that killed owners have left."""
    sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{what}-", ignore_cleanup_errors=True) as name:
        # Locked before it has its name: between the two a sweep would take the folder for a killed owner's.
        unnamed = Path(name, f"{_LOCK}.new")
        lock = os.open(unnamed, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            unnamed.rename(Path(name, _LOCK))
            yield Path(name)
        finally:
            os.close(lock)


def sweep(place: Path) -> None:
    """Remove the folders of owners that live no more."""
    for folder in place.glob(f"{PREFIX}*"):
        # Another user's cannot be opened, one that is being made has no lock by that name, and one in use is locked.
        with contextlib.suppress(OSError):
            lock = os.open(folder / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _empty(folder)
            finally:
                os.close(lock)


def _empty(folder: Path) -> None:
    """Remove a folder, its lock last: while somebody still writes into it, it stays one that can be swept.

    Raises:
        OSError: something of it is left.
    """
    for item in folder.iterdir():
        if item.name != _LOCK:
            shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
    Path(folder, _LOCK).unlink()
    folder.rmdir()


def remove(folder: Path) -> None:
    """Remove the folder of an owner that was killed; blocks for the second or two that its processes write yet.

    Raises:
        OSError: something of it is left.
    """
    deadline = time.monotonic() + GONE_WITHIN_S
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # the pace of trying again

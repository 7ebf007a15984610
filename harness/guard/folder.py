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
        lock = create_locked(Path(name, _LOCK))
        try:
            yield Path(name)
        finally:
            os.close(lock)


def sweep(place: Path) -> None:
    """Remove the folders of owners that live no more."""
    for folder in place.glob(f"{PREFIX}*"):
        # Another user's cannot be opened, one that is being made has no lock by that name, and one in use is locked.
        with contextlib.suppress(OSError), unowned(folder / _LOCK):
            _empty(folder)


def create_locked(file: Path, mode: int = 0o600) -> int:
    """Create a file that is locked from the moment it has its name until the descriptor is closed or its process ends.

    Were it named before it is locked, somebody could take it for a killed owner's in between.
    """
    unnamed = file.with_name(f"{file.name}.new")
    lock = os.open(unnamed, os.O_RDWR | os.O_CREAT, mode)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unnamed.rename(file)
    return lock


@contextmanager
def unowned(file: Path) -> Iterator[None]:
    """Hold the lock of a file whose owner lives no more.

    Raises:
        BlockingIOError: its owner lives, or somebody else clears up after it.
        OSError: it cannot be opened.
    """
    lock = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
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

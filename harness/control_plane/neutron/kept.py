"""Our side of a keeper: start one, learn where its Neutron is, end it.

The keeper's standard input is its lease: it ends when we do, whatever ends us.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Self, cast

from harness.control_plane.neutron.addresses import Addresses
from harness.errors import EngineFailed
from harness.guard.folder import remove

DATABASE = "HMC_HARNESS_NEUTRON_DATABASE"
"""The environment variable in which the keeper finds its database's URL."""

END_S = 60.0
"""What the keeper needs at the most to end its processes, each of which has a bound of its own."""


class Kept:
    """A Neutron that is kept for us. Made by `start` only; `close` ends it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        # All three were asked for.
        self._streams = cast(tuple[IO[str], IO[str], IO[str]], (process.stdin, process.stdout, process.stderr))
        self._addresses: Addresses | None = None

    @classmethod
    def start(cls, root: Path, *, agent_down_time_s: int = 5, database: str = "") -> Self:
        """Start one and wait until it is ready; blocks for seconds.

        `database` is SQLAlchemy's URL of an empty one; by default it has an SQLite file of its own.

        Raises:
            EngineFailed: it cannot be started, or is not set up; says what to do.
        """
        options = ["--held", "--root", str(root), "--agent-down-time", str(agent_down_time_s)]
        self = cls(
            subprocess.Popen(
                [sys.executable, "-m", "harness.control_plane.neutron", *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, DATABASE: database},  # it may hold a password, which ps would show
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        )
        try:
            self._addresses = self._first_line()
        except BaseException:
            self.close()
            raise
        return self

    @property
    def addresses(self) -> Addresses:
        """Where it is."""
        if self._addresses is None:
            raise EngineFailed("Neutron is not ready")
        return self._addresses

    @property
    def alive(self) -> bool:
        """Its keeper has not ended."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and wait for its end; blocks for a second or two. Idempotent.

        Raises:
            EngineFailed: it did not end in time and was killed; its guards end what it had started.
        """
        with contextlib.suppress(BrokenPipeError):
            self._streams[0].close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise EngineFailed(f"the keeper of Neutron did not end in {END_S:g} s and was killed") from error
        finally:
            for stream in self._streams[1:]:
                stream.close()
            if self._process.returncode < 0 and self._addresses is not None:
                remove(Path(self._addresses.folder))  # it was killed, and could not do so itself

    def _last_words(self) -> str:
        """What a keeper that has ended said last."""
        return self._streams[2].read().strip() or "it ended without a word"

    def _first_line(self) -> Addresses:
        _, stdout, _ = self._streams
        line = stdout.readline()
        if line:
            return Addresses.from_text(line)
        raise EngineFailed(f"Neutron was not started: {self._last_words()}")

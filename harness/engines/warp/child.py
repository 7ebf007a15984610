"""The self-test's child process, as its parent sees it: asked for its clocks, then for its waits."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import harness
from harness.errors import EngineFailed

ROOT = Path(harness.__file__).parents[1]
START_S = 30.0
"""An interpreter's start takes 0.1 s; a machine that needs longer than this cannot run a trial."""


class Child:
    """The process with the probes. It and all that it started are killed on the way out.

    Raises:
        EngineFailed: it cannot be started, or, while it is asked, ended before it had answered.
    """

    def __init__(self, python: Path, seconds: float, environment: Mapping[str, str]) -> None:
        self._python = python
        self._said: list[str] = []
        self._text = b""
        try:
            self._process = subprocess.Popen(
                [str(python), "-m", "harness.engines.warp.probes", repr(seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                env={**_environment(), **environment},
                start_new_session=True,
            )
        except OSError as error:
            raise EngineFailed(f"warp: the self-test's child ({python}) cannot be started: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Not the child alone: one of its probes may have left a `sleep` that runs in real time."""
        with contextlib.suppress(ProcessLookupError), self._process:
            os.killpg(self._process.pid, signal.SIGKILL)

    def clocks(self) -> Mapping[str, int]:
        """What all its clocks say, in nanoseconds."""
        self._ask(b"c")
        for line in self._lines(START_S):
            if "clocks" in line:
                return {str(name): int(said) for name, said in line["clocks"].items()}
        words = "\n".join(self._said)
        raise EngineFailed(f"warp: the self-test's child ({self._python}) did not tell its clocks:\n{words}")

    def waits(self, within_s: float) -> list[Mapping[str, Any]]:
        """What it has told by its end, or within so many seconds of the wall."""
        self._ask(b".")
        return list(self._lines(within_s))

    def _ask(self, word: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: it was opened with a pipe
        with contextlib.suppress(BrokenPipeError):  # then it does not answer either, and its words are shown
            self._process.stdin.write(word)

    def _lines(self, within_s: float) -> Iterator[Mapping[str, Any]]:
        """Lines of JSON; any other is kept, to be shown."""
        end = time.monotonic() + within_s
        while True:
            *whole, self._text = self._text.split(b"\n")
            for number, line in enumerate(whole):
                if line.startswith(b"{"):
                    self._text = b"\n".join([*whole[number + 1 :], self._text])
                    yield json.loads(line)
                    break
                self._said.append(line.decode(errors="replace"))
            else:
                if not self._read(end - time.monotonic()):
                    return

    def _read(self, within_s: float) -> bool:
        assert self._process.stdout is not None  # noqa: S101 - as above
        if not select.select([self._process.stdout], [], [], max(within_s, 0))[0]:
            return False
        data = self._process.stdout.read(65536)
        self._text += data
        return bool(data)


def _environment() -> dict[str, str]:
    """Little: what an agent's Python needs to find the probes."""
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}

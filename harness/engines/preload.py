"""Libraries that get loaded into programs: built once for each source, compiler and libc, in the user's cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadInput, EngineFailed

FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-fPIC", "-shared", "-fvisibility=hidden")
LIBRARIES = ("-lpthread", "-ldl")  # of their own before glibc 2.34, empty since
COMPILE_S = 120.0
"""It takes half a second."""


@dataclass(frozen=True, slots=True)
class Source:
    """The C files of a library."""

    name: str
    """Of what needs it, for people and file names."""
    folder: Path
    otherwise: str
    """What to do where it cannot be built."""

    def built(self) -> Path:
        """The shared object, built if there is none yet of this source.

        Raises:
            BadInput: there is no compiler, or no place for the result; says what to do.
            EngineFailed: the compiler did not take it; shows what it said.
        """
        compiler = self.compiler()
        target = self._cache() / f"{self.name}-{self.key(compiler)}.so"
        if not target.exists():
            self._compile(compiler, target)
        return target

    def unsupported(self) -> str | None:
        """Why nothing can be loaded into programs on this system, whatever is installed; None if it can."""
        libc, version = platform.libc_ver()
        if sys.platform.startswith("linux") and libc == "glibc" and sys.maxsize >= 2**32:
            return None
        here = f"{sys.platform}, {libc or 'another libc'} {version}".strip()
        return f"{self.name} needs 64-bit Linux with glibc, and this is {here}"

    def compiler(self) -> tuple[str, ...]:
        """The command of a C compiler: the system's, or the one that PyPI has, which needs nothing of the system.

        Raises:
            BadInput: there is none; says what to install.
        """
        asked = os.environ.get("CC", "cc")
        for name in (asked, "gcc", "clang"):
            if found := shutil.which(name):
                return (found,)
        if importlib.util.find_spec("ziglang") is not None:
            return (sys.executable, "-m", "ziglang", "cc")
        raise BadInput(
            f"{self.name} needs a C compiler, and there is neither {asked} nor gcc nor clang; install one (pip install "
            f"ziglang; Debian, Ubuntu: apt install gcc libc6-dev; Fedora: dnf install gcc), or {self.otherwise}"
        )

    def key(self, compiler: tuple[str, ...]) -> str:
        """What tells this library from those of another source, compiler or system."""
        digest = hashlib.sha256(" ".join((*compiler, *FLAGS, platform.machine(), *platform.libc_ver())).encode())
        for path in sorted(self.folder.iterdir()):
            if path.suffix in (".c", ".h"):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:16]

    def _cache(self) -> Path:
        """A directory that only we can write to: what is in it gets loaded into programs."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        place = Path(base) / "hmc-resilience-harness"
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = place.stat()
        except OSError as error:
            words = f"{self.name} has no place for its library: {error}"
            raise BadInput(f"{words}; set XDG_CACHE_HOME to a directory") from error
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise BadInput(f"{place} can be written by others, and its files get loaded into programs; chmod 700 it")
        if any(letter in str(place) for letter in " :\n"):
            raise BadInput(f"LD_PRELOAD takes no path with a space or colon: {place}; set XDG_CACHE_HOME to another")
        return place

    def _compile(self, compiler: tuple[str, ...], target: Path) -> None:
        """Beside it first, then in one step: another worker may do the same, and finds all or nothing."""
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as directory:
            made = Path(directory) / target.name
            sources = [str(path) for path in sorted(self.folder.glob("*.c"))]
            try:
                done = subprocess.run(
                    [*compiler, *FLAGS, "-o", str(made), *sources, *LIBRARIES],
                    capture_output=True,
                    text=True,
                    timeout=COMPILE_S,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise EngineFailed(f"{self.name}: {' '.join(compiler)} could not be run: {error}") from error
            if done.returncode != 0:
                raise EngineFailed(
                    f"{self.name}: {' '.join(compiler)} does not compile the library "
                    f"(Debian, Ubuntu: apt install libc6-dev):\n{done.stderr}"
                )
            made.replace(target)


def preloaded(library: Path, environment: Mapping[str, str]) -> str:
    """LD_PRELOAD with this library in front; another one that is there stays, behind it."""
    return f"{library} {environment.get('LD_PRELOAD', '')}".strip()

"""Which programs a preloaded library cannot reach, found from their files before they are started."""

from __future__ import annotations

import os
import re
import shutil
import stat
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

PT_INTERP = 3  # elf(5)
ELF64 = struct.Struct("<16sHHIQQQIHHHHHH")
ELF64_BIG = struct.Struct(">16sHHIQQQIHHHHHH")
SHEBANGS_MOST = 4
"""The kernel follows no more interpreters of interpreters (fs/exec.c)."""
PYTHON = re.compile(r"python(3(\.([7-9]|\d\d+)t?)?)?")
"""An interpreter's file that can run the probes; older ones cannot."""


def obstacle(program: str, environment: Mapping[str, str], cwd: Path | None = None) -> str | None:
    """Why this program's clock cannot be warped, in words; None if nothing speaks against it.

    A script is followed to its interpreter. What a program starts in turn is not looked at: `LoadWatch` tells of
    running processes.
    """
    path = _followed(program, environment, cwd)
    return _why_not(path) if path else None  # starting it will fail, and say so in its own words


def python(program: str, environment: Mapping[str, str], cwd: Path | None = None) -> Path | None:
    """The Python that executes this program, for the self-test to run under; None if that is not known.

    An agent in a virtual environment has the interpreter from which that was made: the same for many of them.
    """
    path = _followed(program, environment, cwd)
    itself = path.resolve() if path else None
    return itself if itself and PYTHON.fullmatch(itself.name) else None


def _followed(program: str, environment: Mapping[str, str], cwd: Path | None) -> Path | None:
    """What the kernel loads: the program's file, or the interpreter of a script. None if it is not there."""
    for _ in range(SHEBANGS_MOST + 1):
        path = _find(program, environment, cwd)
        script = _interpreter(path) if path else None
        if script is None:
            return path
        program = script
    return None


def _find(program: str, environment: Mapping[str, str], cwd: Path | None) -> Path | None:
    if "/" in program:
        path = (cwd or Path()) / program
        return path if path.is_file() else None
    found = shutil.which(program, path=environment.get("PATH", os.defpath))
    return Path(found) if found else None


def _interpreter(path: Path) -> str | None:
    with path.open("rb") as file:
        line = file.read(256).split(b"\n")[0]
    if not line.startswith(b"#!"):
        return None
    words = [word for word in line[2:].decode(errors="replace").split() if word != "-S"]
    if len(words) > 1 and Path(words[0]).name == "env":
        return next((word for word in words[1:] if "=" not in word and not word.startswith("-")), words[0])
    return words[0] if words else None


def _why_not(path: Path) -> str | None:
    if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
        return f"{path} is set-user-id: the system preloads nothing into it"
    with path.open("rb") as file:
        head = file.read(ELF64.size)
        if head[:4] != b"\x7fELF":
            return f"{path} is neither a Linux program nor a script with a first line '#!'"
        if head[4] != 2 or head[5] != (1 if sys.byteorder == "little" else 2):
            return f"{path} is built for another kind of machine; warp needs a 64-bit program of this one"
        loader = _loader(head, file)
    if loader is None:
        return f"{path} is statically linked (Go programs often are): nothing can be preloaded into it"
    if "musl" in loader:
        return f"{path} is built for musl ({loader}); warp needs a program that is built for glibc"
    return None


def _loader(head: bytes, file: BinaryIO) -> str | None:
    """The dynamic loader that the program names, if it is dynamically linked."""
    order = "<" if head[5] == 1 else ">"
    fields = (ELF64 if order == "<" else ELF64_BIG).unpack(head)
    table, entry_size, count = fields[5], fields[9], fields[10]
    file.seek(table)
    entries = file.read(entry_size * count)
    for at in range(0, len(entries), entry_size):
        kind, _, offset, _, _, size = struct.unpack_from(f"{order}IIQQQQ", entries, at)
        if kind == PT_INTERP:
            file.seek(offset)
            return file.read(size).rstrip(b"\0").decode(errors="replace")
    return None

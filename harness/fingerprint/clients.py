"""Versions of a client, each installed by pip into a virtual environment of its own that is kept for the next time."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import BadInput

CLIENT = "zhmcclient"
CACHE = Path(".cache/clients")
"""Where the environments are kept, below the project's root; to be rid of them, delete it."""

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""The same as ours: what a client does may depend on it."""
READY = "ready"
INSTALL_S = 600.0
IMPORT_S = 60.0

_SPEC = re.compile(rf"{CLIENT}==([0-9][0-9A-Za-z.+!-]*)")


def version_of(spec: str) -> str | None:
    """The version that ``zhmcclient==1.26`` names; None if the text is no such thing."""
    found = _SPEC.fullmatch(spec)
    return found[1] if found else None


def python_with(root: Path, version: str) -> str:
    """A Python that has this version of the client; installed now if it is not there yet.

    Raises:
        BadInput: there is no such version, or it cannot be installed or imported here; says why.
    """
    home = root / CACHE / f"{CLIENT}-{version}-{PYTHON}"
    python = home / "bin/python"
    with _alone(home):
        if not (home / READY).exists():
            try:
                _install(home, python, version)
            except BaseException:
                shutil.rmtree(home, ignore_errors=True)
                raise
            (home / READY).touch()
    return str(python)


def _install(home: Path, python: Path, version: str) -> None:
    spec = f"{CLIENT}=={version}"
    shutil.rmtree(home, ignore_errors=True)
    _run(f"no virtual environment for {spec}", INSTALL_S, sys.executable, "-m", "venv", str(home))
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install", spec)
    _run(f"{spec} cannot be installed for {PYTHON}", INSTALL_S, *pip)
    _run(f"{spec} was installed, but cannot be imported", IMPORT_S, str(python), "-I", "-c", f"import {CLIENT}")


def _run(what: str, within_s: float, *argv: str) -> None:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadInput(f"{what}: {error}") from error
    if done.returncode:
        raise BadInput(f"{what}: {_last_words(done.stderr or done.stdout)}; name another version, or a stored file")


def _last_words(output: str) -> str:
    """The last error of pip's, or the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["it says nothing"])[-1].removeprefix("ERROR: ")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else of this machine makes this environment at the same time."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Which programs cannot be warped, from their files."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from harness.engines.warp.reach import ELF64, PT_INTERP, obstacle, python

HEADER = ELF64.size


def elf(path: Path, loader: str | None, *, bits: int = 2) -> Path:
    """A program's first bytes: a header, and a table with the loader's name or without."""
    ident = b"\x7fELF" + bytes([bits, 1]) + bytes(10)
    head = ELF64.pack(ident, 2, 62, 1, 0, HEADER, 0, 0, HEADER, 56, 1 if loader else 0, 0, 0, 0)
    name = (loader or "").encode() + b"\0"
    path.write_bytes(head + struct.pack("<IIQQQQQQ", PT_INTERP, 4, HEADER + 56, 0, 0, len(name), len(name), 1) + name)
    path.chmod(0o755)
    return path


def test_our_own_interpreter_can_be_warped() -> None:
    assert obstacle(sys.executable, {}) is None


@pytest.mark.parametrize(
    ("loader", "bits", "words"),
    [
        ("/lib64/ld-linux-x86-64.so.2", 2, None),
        (None, 2, "statically linked"),
        ("/lib/ld-musl-x86_64.so.1", 2, "built for musl"),
        ("/lib/ld-linux.so.2", 1, "another kind of machine"),
    ],
)
def test_a_program_is_known_by_its_loader(tmp_path: Path, loader: str | None, bits: int, words: str | None) -> None:
    found = obstacle(str(elf(tmp_path / "program", loader, bits=bits)), {})
    assert (found is None) if words is None else (found is not None and words in found)


def test_a_set_user_id_program_gets_nothing_preloaded(tmp_path: Path) -> None:
    program = elf(tmp_path / "program", "/lib64/ld-linux-x86-64.so.2")
    program.chmod(0o4755)
    assert "set-user-id" in (obstacle(str(program), {}) or "")


@pytest.mark.parametrize("shebang", ["#!{}", "#! {} -u", "#!/usr/bin/env static", "#!/usr/bin/env -S static -u"])
def test_a_script_is_followed_to_its_interpreter(tmp_path: Path, shebang: str) -> None:
    static = elf(tmp_path / "static", None)
    script = tmp_path / "script"
    script.write_text(shebang.format(static) + "\nprint()\n")
    script.chmod(0o755)
    assert "statically linked" in (obstacle("./script", {"PATH": str(tmp_path)}, tmp_path) or "")


def test_a_program_that_is_not_there_is_not_ours_to_complain_about() -> None:
    assert obstacle("no-such-program", {"PATH": "/"}) is None


def test_a_text_without_a_first_line_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    assert "neither" in (obstacle(str(tmp_path / "text"), {}) or "")


@pytest.mark.parametrize("shebang", ["#!{}", "#!{} -u", "#!/usr/bin/env python", "#!/usr/bin/env -S python -u"])
@pytest.mark.parametrize("name", ["python3.13", "python3.13t", "python3.9", "python3", "python"])
def test_an_agents_python_is_known_also_behind_a_script_and_a_virtual_environment(
    tmp_path: Path, name: str, shebang: str
) -> None:
    interpreter = elf(tmp_path / name, "/lib64/ld-linux-x86-64.so.2")
    (tmp_path / "bin").mkdir()
    inside = tmp_path / "bin/python"
    inside.symlink_to(interpreter)
    script = tmp_path / "script"
    script.write_text(shebang.format(inside) + "\nprint()\n")
    script.chmod(0o755)
    environment = {"PATH": str(tmp_path / "bin")}
    assert python("python", environment) == interpreter
    assert python("bin/python", {}, tmp_path) == interpreter
    assert python("./script", environment, tmp_path) == interpreter


@pytest.mark.parametrize("name", ["agent", "python2.7", "python3.6", "python3.13-config", "pythonic", "sh"])
def test_what_is_no_python_or_too_old_for_the_probes_is_not_taken_for_one(tmp_path: Path, name: str) -> None:
    assert python(str(elf(tmp_path / name, "/lib64/ld-linux-x86-64.so.2")), {}) is None


def test_a_python_that_is_not_there_is_none() -> None:
    assert python("/nowhere/python3", {}) is None

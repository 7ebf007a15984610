"""Where the library comes from, and what a machine without a compiler is told."""

from __future__ import annotations

import dataclasses
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from harness.engines.warp import build
from harness.errors import BadInput, EngineFailed


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "hmc-resilience-harness"


def test_a_library_that_is_there_is_not_built_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def compile_(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(argv)
        Path(argv[argv.index("-o") + 1]).write_text("a library")
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", compile_)
    first = build.library()
    assert build.library() == first
    assert len(commands) == 1
    assert [path.name for path in cache.iterdir()] == [first.name], "nothing else is left"


def test_another_source_is_another_library(tmp_path: Path) -> None:
    (tmp_path / "other.c").write_text("int x;")
    other = dataclasses.replace(build.SOURCE, folder=tmp_path)
    assert other.key(("cc",)) != build.SOURCE.key(("cc",))


def test_without_a_compiler_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(BadInput, match=r"C compiler.*pip install ziglang.*apt install gcc"):
        build.library()


def test_the_compiler_from_pypi_will_do_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    assert build.SOURCE.compiler() == (sys.executable, "-m", "ziglang", "cc")


def test_what_the_compiler_said_is_shown(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(argv, 1, "", "fatal error: dlfcn.h: No such file")

    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(EngineFailed, match=r"(?s)libc6-dev.*dlfcn\.h: No such file"):
        build.library()
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(("system", "libc"), [("darwin", ("", "")), ("linux", ("", "")), ("linux", ("musl", "1.2"))])
def test_a_system_without_glibc_runs_in_real_time(
    system: str, libc: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    with pytest.raises(BadInput, match=r"needs 64-bit Linux with glibc.*--warp off"):
        build.library()


def test_a_cache_that_others_can_write_to_is_refused(cache: Path) -> None:
    """What lies in it is loaded into programs."""
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(BadInput, match="written by others"):
        build.library()


def test_a_path_that_cannot_be_preloaded_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a b"))
    with pytest.raises(BadInput, match="space or colon"):
        build.library()
